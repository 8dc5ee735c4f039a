import { InputError } from '../../errors';
import type { Fault } from '../../outcome/answer';

/** Somebody who waits for a request that others share. */
interface Asked {
  /** Only the first result counts. */
  readonly tell: (result: Fault) => void;
  /** The request cannot be sent as it is. */
  readonly fail: (error: InputError) => void;
}

/**
 * Does what others wait for, and never rejects. Whatever goes wrong in a way nobody has foreseen, all of them hear of it:
 * each would wait for ever, and an error that nobody catches ends the process, with every other flow in it.
 */
export async function tellingAll(
  asked: readonly Asked[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const { tell, fail } of asked) {
      if (error instanceof InputError) fail(error);
      else tell(brokenFault(error));
    }
  }
}

/** A request may have left by then. */
function brokenFault(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'fault', sent: 'maybe', code: 'BATCH_BROKEN', message, fatal: false };
}
