import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Lease, LeaseLost, NotAcquired } from '../../lib/coordination/lock';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RecordRef } from '../../lib/record/ref';
import type { StopError } from '../../lib/errors';
import type { RecordEndpointNode } from '../record-endpoint/record-endpoint';
import { endpointOf, locate } from '../shared/endpoint';
import { heldLease, leaseInMessage, type LeaseInMessage } from '../shared/lease';
import { endLoop, stoppedInLoop } from '../shared/loop-state';
import { onInput, type Message, type Work } from '../shared/on-input';
import { complete, settingsOf } from '../shared/settings';
import { StatusLine } from '../shared/status';
import { checkPlace, setProperty } from '../shared/typed-value';
import { LOCK_FIELDS, type RecordLockConfig } from './config';
import { keepRenewing } from './renewal';

export default function (RED: NodeAPI): void {
  function RecordLock(this: Node, saved: NodeDef & RecordLockConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(LOCK_FIELDS, saved);
    const status = new StatusLine(RED, this);
    const handle = config.action === 'release' ? release : acquire;

    onInput(this, async (msg, work) => {
      try {
        await handle({ RED, node: this, config, status }, msg, work);
      } catch (error) {
        status.notDone('error');
        throw error;
      }
    });
  }

  RED.nodes.registerType('record-lock', RecordLock);
}

interface Setting {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly config: RecordLockConfig;
  readonly status: StatusLine;
}

async function acquire(setting: Setting, msg: Message, { send, stop }: Work): Promise<void> {
  const { RED, node, config, status } = setting;
  const limits = limitsOf(config);
  checkPlace(RED, msg, config.lock);
  checkPlace(RED, msg, config.result);
  const endpoint = endpointOf(RED, config.endpoint);
  const ref = await locate(RED, node, config, msg, await endpoint.connect());
  const held = heldLease(RED, msg, config.lock, endpoint.locks, ref);
  if (held !== undefined && (await held.extend(limits.leaseMs))) {
    // A loop wired back to this node: a message never waits for itself.
    pass(setting, msg, inMessage(endpoint.id, ref, held), send);
    return;
  }
  status.waiting('waiting');
  const lease = await endpoint.locks.acquire(ref.url, { ...limits, signal: stop });
  if (!lease.granted) {
    notAcquired(setting, msg, ref, lease);
    send([null, msg]);
    return;
  }
  if (stop.aborted) {
    await lease.release();
    throw stopped(setting, msg, ref);
  }
  hold(setting, ref, lease, limits, stop);
  pass(setting, msg, inMessage(endpoint.id, ref, lease), send);
}

function pass(
  { RED, config, status }: Setting,
  msg: Message,
  lease: LeaseInMessage,
  send: Work['send'],
): void {
  setProperty(RED, msg, config.lock, lease);
  status.done('acquired');
  send([msg, null]);
}

/** Times in milliseconds. */
interface Limits {
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly maxWaiters: number;
  /** Undefined: the lease is not renewed. */
  readonly maxHoldMs: number | undefined;
}

/** All of them before the lock is taken: a fault found later would leave it held by nobody. */
function limitsOf(config: RecordLockConfig): Limits {
  const read = settingsOf(LOCK_FIELDS, config);
  return {
    leaseMs: read.ms('lease'),
    waitMs: read.ms('wait'),
    maxWaiters: read.number('queueLimit'),
    maxHoldMs: config.renew ? read.ms('maxHold') : undefined,
  };
}

function inMessage(endpoint: string, ref: RecordRef, lease: Lease): LeaseInMessage {
  return {
    endpoint,
    key: ref.key,
    url: ref.url,
    token: lease.token,
    fence: lease.fence,
    expiresAt: new Date(lease.expiresAt).toISOString(),
  };
}

function notAcquired(
  setting: Setting,
  msg: Message,
  ref: RecordRef,
  { reason, waitedMs }: NotAcquired,
): void {
  if (reason === 'aborted' || reason === 'closed') throw stopped(setting, msg, ref);
  const full = reason === 'queue-full';
  const result: UpdateResult = {
    outcome: 'busy',
    verified: false,
    key: ref.key,
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: Math.round(waitedMs),
    error: {
      code: full ? 'LOCK_QUEUE_FULL' : 'LOCK_TIMEOUT',
      message: full
        ? 'Too many messages already wait for this record. Raise the queue limit, or send fewer updates of one record at once.'
        : `The record was locked by another message for more than ${Math.round(waitedMs)} ms. Allow a longer wait, or look for a path that does not release the lock.`,
    },
  };
  endLoop(setting.RED, msg, setting.config.result, result);
  setting.status.notDone('not-acquired');
}

/** Watches a lease while its message is under way. */
function hold(
  { RED, node, status }: Setting,
  ref: RecordRef,
  lease: Lease,
  { leaseMs, maxHoldMs }: Limits,
  stop: AbortSignal,
): void {
  if (maxHoldMs !== undefined) keepRenewing(lease, leaseMs, maxHoldMs, stop);
  lease.signal.addEventListener('abort', () => {
    if ((lease.signal.reason as LeaseLost).why !== 'expired') return;
    status.notDone('expired');
    node.warn(RED._('record-lock.warn.expired', { key: JSON.stringify(ref.key) }));
  });
}

async function release(
  { RED, config, status }: Setting,
  msg: Message,
  { send }: Work,
): Promise<void> {
  const held = leaseInMessage(RED, msg, config.lock);
  if (held !== undefined) {
    // The locks of an endpoint that is gone are gone too; an error here would come back through the Catch node.
    const endpoint = RED.nodes.getNode(held.endpoint) as Partial<RecordEndpointNode> | null;
    await endpoint?.locks?.find(held.url, held.token)?.release();
    setProperty(RED, msg, config.lock, undefined);
  }
  status.done('released');
  send([msg]);
}

function stopped({ RED, config }: Setting, msg: Message, ref: RecordRef): StopError {
  const message = `The flow was stopped while record ${JSON.stringify(ref.key)} was waited for.`;
  return stoppedInLoop(RED, msg, config.result, message);
}
