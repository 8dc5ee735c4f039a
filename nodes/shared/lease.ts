import type { Lease, RecordLocks } from '../../lib/coordination/lock';
import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Scope } from './scope';

/** A held lock as it travels in a message: plain data, the live lease stays with the endpoint. */
export interface LeaseInMessage {
  readonly endpoint: string;
  readonly key: RecordKey;
  readonly url: string;
  /** Of the lock, where other programs know it by a name; default: the record's address. */
  readonly name?: string;
  /** There is no lock: the store could not be reached, and the setting is to go on. */
  readonly unlocked?: true;
  readonly token: string;
  readonly fence: number;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export function leaseInMessage(scope: Scope, path: string): LeaseInMessage | undefined {
  const value = scope.get(path);
  return isLease(value) ? value : undefined;
}

function isLease(value: unknown): value is LeaseInMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { url, token } = value as Partial<LeaseInMessage>;
  return typeof url === 'string' && typeof token === 'string';
}

/** Why a lock could not be had in an outage, as results carry it. */
export const STORE_UNAVAILABLE = {
  code: 'STORE_UNAVAILABLE',
  message:
    'The store that holds the locks cannot be reached. Check that Redis runs; the connection comes back by itself. The record-store node says what locks do in an outage.',
} as const;

/** What the lock is known by. */
export function lockKey({ name, url }: LeaseInMessage): string {
  return name ?? url;
}

/** Frees what a message holds that goes no further. */
export async function releaseLeases({ msg, nodes }: Scope): Promise<void> {
  for (const held of Object.values(msg).filter(isLease)) {
    const endpoint = nodes.getNode(held.endpoint) as { readonly locks?: RecordLocks } | null;
    await endpoint?.locks?.find(lockKey(held), held.token)?.release();
  }
}

/** The record that a message holds, by its address; undefined when it holds none or its lease is over. */
export function heldUrl(scope: Scope, path: string, locks: RecordLocks): string | undefined {
  const held = leaseInMessage(scope, path);
  return held !== undefined && locks.find(lockKey(held), held.token) !== undefined
    ? held.url
    : undefined;
}

/** The live lease a message holds on this very record; undefined when it holds none or it is over. */
export function heldLease(
  scope: Scope,
  path: string,
  locks: RecordLocks,
  ref: RecordRef,
): Lease | undefined {
  const held = leaseInMessage(scope, path);
  return held?.url === ref.url ? locks.find(lockKey(held), held.token) : undefined;
}
