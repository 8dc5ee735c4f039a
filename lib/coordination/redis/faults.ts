import { InputError } from '../../errors';

/** What the client says where an answer did not come in time. */
export const TIMED_OUT = 'Command timed out';
/** What it says where there is no connection; why is said elsewhere, if at all. */
export const CLOSED = 'Connection is closed.';

/** What Redis says that is there and serves nobody (its error codes, src/server.c), and what somebody has to do about it. */
const CANNOT_SERVE: readonly (readonly [RegExp, string])[] = [
  [
    /\bNOREPLICAS\b/,
    'It wants more replicas than are connected (min-replicas-to-write): bring them back',
  ],
  [/\bMISCONF\b/, 'It cannot save to its disk: its log says why'],
  [
    /\bREADONLY\b/,
    'It is a replica, or has become one: give the address of the master, or choose Sentinel under Server',
  ],
  [
    /\b(?:MASTERDOWN|CLUSTERDOWN)\b/,
    'Its master, or a part of the cluster, is down: bring that back',
  ],
  [/\bLOADING\b/, 'It reads its data after a start: wait'],
  [/\bBUSY\b/, 'A script of somebody keeps it busy: end that (SCRIPT KILL), or wait'],
];

/** Redis is there, and serves nobody for now: more of the same would be answered so, too. */
export function servesNobody(said: string): boolean {
  return fixOf(said) !== undefined;
}

function fixOf(said: string): string | undefined {
  return CANNOT_SERVE.find(([words]) => words.test(said))?.[1];
}

/**
 * The store cannot be reached, or cannot serve now; it may have done what it was asked. `code` is an own property because
 * Node-RED copies only own properties to `msg.error`.
 */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(why: string) {
    const said = why.replace(/\.$/, '');
    const fix = fixOf(said);
    super(
      fix === undefined
        ? `The store cannot be reached: ${said}. Check that Redis runs and that address and network are right; the connection comes back by itself.`
        : `The store cannot serve now, though Redis answers: ${said}. ${fix}; it goes on by itself then.`,
    );
    this.name = 'StoreUnavailable';
  }
}

/** What Redis or its client said, as an error of ours. InputError: only a person can put it right. */
export function faultOf(
  reason: InputError | string,
  prefix: string,
): InputError | StoreUnavailable {
  if (reason instanceof InputError) return reason;
  return refusalOf(reason) ?? keyFault(reason, prefix) ?? new StoreUnavailable(reason);
}

/** Why Redis does not let us in, or is not what the settings say; undefined: it is something else. */
export function refusalOf(said: string): InputError | undefined {
  if (/^(WRONGPASS|NOAUTH)\b/.test(said)) {
    return new InputError(
      'STORE_SIGN_IN_FAILED',
      `Redis refused the sign-in (${said}). Correct User and Password in the dialog of the record-store node.`,
    );
  }
  const other = otherKind(said);
  if (other !== undefined) {
    return new InputError(
      'STORE_SERVER_KIND',
      `Redis at this address is ${other} (${said}). Choose that under Server in the dialog of the record-store node.`,
    );
  }
  if (said.includes('DB index is out of range')) {
    return new InputError(
      'STORE_DATABASE_UNKNOWN',
      `Redis has no database of that number (${said}). Correct it in the dialog of the record-store node, in Database or after the address, or raise "databases" in the configuration of Redis.`,
    );
  }
  if (!/^NOPERM\b|\bNOPERM\b|unknown (?:redis )?command|can't access at least one/i.test(said)) {
    return undefined;
  }
  return new InputError(
    'STORE_NOT_PERMITTED',
    `Redis does not permit what the store needs (${said}). Let an administrator give the user the commands and keys that docs/security.md names: scripts (EVAL, EVALSHA), the keys under the prefix, and the channels under it.`,
  );
}

/** The client of a cluster follows redirections itself, and that of one server asks for all keys there. */
function otherKind(said: string): string | undefined {
  if (/^(MOVED|CROSSSLOT)\b/.test(said)) return 'part of a cluster';
  return said.includes('cluster support disabled') ? 'one server, no cluster' : undefined;
}

function keyFault(said: string, prefix: string): InputError | undefined {
  if (/\bWRONGTYPE\b/.test(said)) {
    return new InputError(
      'STORE_KEY_FOREIGN',
      `A key that the store needs is in use by another program (${said}). It was left as it is. Choose another Key prefix than ${JSON.stringify(prefix)} in the dialog of the record-store node, or another lock name.`,
    );
  }
  if (/\buser_script:\d+: (?:attempt to|bad argument)/.test(said)) {
    return new InputError(
      'STORE_KEY_DAMAGED',
      `What is stored in Redis under the Key prefix ${JSON.stringify(prefix)} cannot be read: another program has changed it (${said}). It was left as it is. Restore it from a backup of Redis, or delete the keys of that queue, list or lock.`,
    );
  }
  if (!/\bOOM\b/.test(said)) return undefined;
  return new InputError(
    'STORE_MEMORY_FULL',
    'Redis has no memory left for new keys (OOM). Raise its maxmemory, or delete what is not needed there.',
  );
}
