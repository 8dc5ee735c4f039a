import { InputError } from '../../errors';

/**
 * The store cannot be reached, or cannot serve now; it may have done what it was asked. `code` is an own property because
 * Node-RED copies only own properties to `msg.error`.
 */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(why: string) {
    super(
      `The store cannot be reached: ${why}. Check that Redis runs and that address and network are right; the connection comes back by itself.`,
    );
    this.name = 'StoreUnavailable';
  }
}

/** What Redis or its client said, as an error of ours. InputError: only a person can put it right. */
export function faultOf(error: unknown, prefix: string): InputError | StoreUnavailable {
  const said = error instanceof Error ? error.message : String(error);
  const word = /^[A-Z]+/.exec(said)?.[0] ?? '';
  return refusalOf(said) ?? keyFault(word, said, prefix) ?? new StoreUnavailable(said);
}

/** Why Redis does not let us in; undefined: it is something else. */
export function refusalOf(said: string): InputError | undefined {
  if (/^(WRONGPASS|NOAUTH)\b/.test(said)) {
    return new InputError(
      'STORE_SIGN_IN_FAILED',
      `Redis refused the sign-in (${said}). Correct User and Password in the dialog of the record-store node.`,
    );
  }
  if (!/^NOPERM\b|\bNOPERM\b|unknown command|can't access at least one/i.test(said)) {
    return undefined;
  }
  return new InputError(
    'STORE_NOT_PERMITTED',
    `Redis does not permit what the store needs (${said}). Let an administrator give the user the commands and keys that docs/security.md names: scripts (EVAL, EVALSHA), the keys under the prefix, and the channels under it.`,
  );
}

function keyFault(word: string, said: string, prefix: string): InputError | undefined {
  if (/\bWRONGTYPE\b/.test(said)) {
    return new InputError(
      'STORE_KEY_FOREIGN',
      `A key that the store needs is in use by another program (${said}). It was left as it is. Choose another Key prefix than ${JSON.stringify(prefix)} in the dialog of the record-store node, or another lock name.`,
    );
  }
  if (word !== 'OOM' && !/\bOOM\b/.test(said)) return undefined;
  return new InputError(
    'STORE_MEMORY_FULL',
    'Redis has no memory left for new keys (OOM). Raise its maxmemory, or delete what is not needed there.',
  );
}
