import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Lease, LeaseLost, NotAcquired } from '../../lib/coordination/lock';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RecordRef } from '../../lib/record/ref';
import { StopError } from '../../lib/update/stop';
import { endpointOf, locate } from '../shared/endpoint';
import { leaseInMessage, type LeaseInMessage } from '../shared/lease';
import { secondsField, wholeField } from '../shared/number-field';
import { onInput, type Message, type Work } from '../shared/on-input';
import { StatusLine } from '../shared/status';
import { setProperty } from '../shared/typed-value';
import type { RecordLockConfig } from './config';
import { keepRenewing } from './renewal';

const DAY_SECONDS = 86_400;

export default function (RED: NodeAPI): void {
  function RecordLock(this: Node, config: NodeDef & RecordLockConfig): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
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
  const endpoint = endpointOf(RED, config.endpoint);
  const ref = await locate(RED, node, config, msg, await endpoint.connect());
  status.waiting('waiting');
  const lease = await endpoint.locks.acquire(ref.url, {
    leaseMs: secondsField(config.lease, 'Lease', { min: 0.05, max: DAY_SECONDS }),
    waitMs: secondsField(config.wait, 'Wait', { min: 0, max: DAY_SECONDS }),
    maxWaiters: wholeField(config.queueLimit, 'Queue limit', { min: 0, max: 1_000_000 }),
    signal: stop,
  });
  if (!lease.granted) {
    notAcquired(setting, msg, ref, lease);
    send([null, msg]);
    return;
  }
  if (stop.aborted) {
    await lease.release();
    throw stopped(ref);
  }
  hold(setting, ref, lease);
  setProperty(RED, msg, config.lock, inMessage(endpoint.id, ref, lease));
  status.done('acquired');
  send([msg, null]);
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
  { RED, config, status }: Setting,
  msg: Message,
  ref: RecordRef,
  { reason, waitedMs }: NotAcquired,
): void {
  if (reason === 'aborted' || reason === 'closed') throw stopped(ref);
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
  setProperty(RED, msg, config.result, result);
  status.notDone('not-acquired');
}

/** Watches a lease while its message is under way. */
function hold({ node, config, status }: Setting, ref: RecordRef, lease: Lease): void {
  const leaseMs = secondsField(config.lease, 'Lease', { min: 0.05, max: DAY_SECONDS });
  if (config.renew) {
    keepRenewing(
      lease,
      leaseMs,
      secondsField(config.maxHold, 'Longest hold', { min: 0, max: DAY_SECONDS }),
    );
  }
  lease.signal.addEventListener('abort', () => {
    if ((lease.signal.reason as LeaseLost).why !== 'expired') return;
    status.notDone('expired');
    node.warn(
      `The lock of record ${JSON.stringify(ref.key)} expired before it was released. Wire every path, the Catch node's too, to a release, or choose a longer lease.`,
    );
  });
}

async function release(
  { RED, config, status }: Setting,
  msg: Message,
  { send }: Work,
): Promise<void> {
  const held = leaseInMessage(RED, msg, config.lock);
  if (held !== undefined) {
    const endpoint = endpointOf(RED, held.endpoint);
    await endpoint.locks.find(held.url, held.token)?.release();
    setProperty(RED, msg, config.lock, undefined);
  }
  status.done('released');
  send([msg]);
}

function stopped(ref: RecordRef): StopError {
  return new StopError(
    'STOPPED',
    `The flow was stopped while record ${JSON.stringify(ref.key)} was waited for.`,
  );
}
