import type { Node, NodeDef } from 'node-red';
import type { Lease, LeaseLost, NotAcquired } from '../../lib/coordination/lock';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RecordRef } from '../../lib/record/ref';
import type { StopError } from '../../lib/errors';
import {
  endpointOf,
  locate,
  showEndpoint,
  watchLocks,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import {
  heldLease,
  leaseInMessage,
  lockKey,
  STORE_UNAVAILABLE,
  type LeaseInMessage,
} from '../shared/lease';
import { endLoop, stoppedInLoop } from '../shared/loop-state';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { settingsOf } from '../shared/settings';
import { StatusLine } from '../shared/status';
import { LOCK_FIELDS, type RecordLockConfig } from './config';
import { lockNameOf } from './lock-name';

export default function (RED: NodeAPI): void {
  function RecordLock(this: Node, saved: NodeDef & RecordLockConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(LOCK_FIELDS, saved);
    const status = new StatusLine(RED, this);
    if (config.action === 'acquire') {
      showEndpoint(RED, status, config.endpoint);
      watchLocks(RED, this, status, config.endpoint);
    }
    const handle = config.action === 'release' ? release : acquire;

    const fault = faultIn(LOCK_FIELDS, saved);
    onInput(RED, this, { status, fault }, async scope => {
      try {
        await handle(scope, config);
      } catch (error) {
        status.notDone('error');
        throw error;
      }
    });
  }

  RED.nodes.registerType('record-lock', RecordLock);
}

async function acquire(scope: Scope, config: RecordLockConfig): Promise<void> {
  const limits = limitsOf(config);
  scope.checkPlace(config.lock);
  scope.checkPlace(config.result);
  const endpoint = endpointOf(scope, config.endpoint);
  const ref = await locate(scope, config, await endpoint.connect());
  const name = config.lockBy === 'name' ? lockNameOf(limits.lockName, ref.key) : undefined;
  const held = heldLease(scope, config.lock, endpoint.locks, ref);
  if (held !== undefined && (await held.extend(limits.leaseMs))) {
    // A loop wired back to this node: a message never waits for itself.
    pass(scope, config, inMessage(endpoint.id, ref, held, name));
    return;
  }
  scope.status.waiting('waiting');
  const lease = await endpoint.locks.acquire(name ?? ref.url, {
    ...limits,
    isShared: name !== undefined,
    signal: scope.stop,
  });
  if (!lease.granted) {
    notAcquired(scope, config, ref, lease);
    scope.send([null, scope.msg], 'not acquired');
    return;
  }
  if (scope.stop.aborted) {
    await lease.release();
    throw stopped(scope, config, ref);
  }
  hold(scope, ref, lease, limits);
  pass(scope, config, inMessage(endpoint.id, ref, lease, name));
}

function pass(scope: Scope, { lock }: RecordLockConfig, lease: LeaseInMessage): void {
  scope.set(lock, lease);
  if (lease.unlocked === true) scope.status.waiting('shared.status.without-lock');
  else scope.status.done('acquired');
  scope.send([scope.msg, null]);
}

/** Times in milliseconds. */
interface Limits {
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly maxWaiters: number;
  /** Undefined: the lease is not renewed. */
  readonly maxHoldMs: number | undefined;
  readonly lockName: string;
}

/** All of them before the lock is taken: a fault found later would leave it held by nobody. */
function limitsOf(config: RecordLockConfig): Limits {
  const read = settingsOf(LOCK_FIELDS, config);
  return {
    leaseMs: read.ms('lease'),
    waitMs: read.ms('wait'),
    maxWaiters: read.number('queueLimit'),
    maxHoldMs: config.renew ? read.ms('maxHold') : undefined,
    lockName: read.text('lockName'),
  };
}

function inMessage(
  endpoint: string,
  ref: RecordRef,
  lease: Lease,
  name: string | undefined,
): LeaseInMessage {
  return {
    endpoint,
    key: ref.key,
    url: ref.url,
    ...(name === undefined ? {} : { name }),
    ...(lease.isUnprotected === true ? { unlocked: true } : {}),
    token: lease.token,
    fence: lease.fence,
    expiresAt: new Date(lease.expiresAt).toISOString(),
  };
}

function notAcquired(
  scope: Scope,
  config: RecordLockConfig,
  ref: RecordRef,
  { reason, waitedMs }: NotAcquired,
): void {
  if (reason === 'aborted' || reason === 'closed') throw stopped(scope, config, ref);
  const result: UpdateResult = {
    outcome: 'busy',
    verified: false,
    key: ref.key,
    attempts: [],
    reads: 0,
    retries: 0,
    durationMs: Math.round(waitedMs),
    error: errorOf(reason, waitedMs),
  };
  endLoop(scope, config.result, result);
  scope.status.notDone('not-acquired');
}

function errorOf(
  reason: NotAcquired['reason'],
  waitedMs: number,
): NonNullable<UpdateResult['error']> {
  if (reason === 'unavailable') return STORE_UNAVAILABLE;
  if (reason === 'queue-full') {
    return {
      code: 'LOCK_QUEUE_FULL',
      message:
        'Too many messages already wait for this record. Raise the queue limit, or send fewer updates of one record at once.',
    };
  }
  return {
    code: 'LOCK_TIMEOUT',
    message: `The record was locked by another message for more than ${Math.round(waitedMs)} ms. Allow a longer wait, or look for a path that does not release the lock.`,
  };
}

/** Watches a lease while its message is under way. */
function hold(
  { node, status, stop, translate }: Scope,
  ref: RecordRef,
  lease: Lease,
  { leaseMs, maxHoldMs }: Limits,
): void {
  if (maxHoldMs !== undefined) keepRenewing(lease, leaseMs, maxHoldMs, stop);
  lease.signal.addEventListener('abort', () => {
    if ((lease.signal.reason as LeaseLost).why !== 'expired') return;
    status.notDone('expired');
    node.warn(translate('record-lock.warn.expired', { key: JSON.stringify(ref.key) }));
  });
}

/**
 * Extends the lease at half its length until it is released, lost or would be held longer than `maxHoldMs`, or
 * `stop` fires: the message of a stopped flow will not come to its release.
 */
function keepRenewing(lease: Lease, leaseMs: number, maxHoldMs: number, stop: AbortSignal): void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const heldMs = performance.now() - startedAt;
    if (stop.aborted || heldMs + leaseMs > maxHoldMs) clearInterval(timer);
    else void extend();
  }, leaseMs / 2);
  timer.unref();

  const extend = async (): Promise<void> => {
    if (!(await lease.extend(leaseMs))) clearInterval(timer);
  };
}

async function release(scope: Scope, config: RecordLockConfig): Promise<void> {
  const held = leaseInMessage(scope, config.lock);
  if (held !== undefined) {
    // The locks of an endpoint that is gone are gone too; an error here would come back through the Catch node.
    const endpoint = scope.nodes.getNode(held.endpoint) as Partial<RecordEndpointNode> | null;
    await endpoint?.locks?.find(lockKey(held), held.token)?.release();
    scope.set(config.lock, undefined);
  }
  scope.status.done('released');
  scope.send([scope.msg]);
}

function stopped(scope: Scope, config: RecordLockConfig, ref: RecordRef): StopError {
  const message = `The flow was stopped while record ${JSON.stringify(ref.key)} was waited for.`;
  return stoppedInLoop(scope, config.result, message);
}
