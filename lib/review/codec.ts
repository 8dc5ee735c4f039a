import { InputError } from '../errors';
import { isFields } from '../record/fields';
import { hasLongNumber, parseExact, stringifyExact } from '../record/json';
import { DEAD_LETTER_FORMAT, type DeadLetter } from './dead-letter';

export function written(entry: DeadLetter): string {
  return stringifyExact(entry);
}

/**
 * An entry as it was stored, of an earlier version too: what that one did not know counts as not known. Throws InputError
 * `ENTRY_NEWER` where a later version of this package has written it, `ENTRY_DAMAGED` where it is none.
 */
export function readEntryText(id: string, text: string): DeadLetter {
  const given = parsed(text);
  if (!isFields(given)) {
    throw new InputError(
      'ENTRY_DAMAGED',
      `The dead letter ${id} cannot be read. It was left as it is; look at it in the store, because nothing of it can be told.`,
    );
  }
  const format: unknown = given.format ?? 0;
  if (typeof format !== 'number' || format > DEAD_LETTER_FORMAT) {
    throw new InputError(
      'ENTRY_NEWER',
      `A later version of this package wrote the dead letter ${id}. It was left as it is. Update the package in this Node-RED.`,
    );
  }
  return { ...NOTHING_KNOWN, ...given, format: DEAD_LETTER_FORMAT, id };
}

function parsed(text: string): unknown {
  try {
    return hasLongNumber(text) ? parseExact(text) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an earlier version did not store. JSON leaves out what is undefined. */
const NOTHING_KNOWN: Omit<DeadLetter, 'id'> = {
  format: DEAD_LETTER_FORMAT,
  state: 'open',
  record: { key: undefined, url: undefined, type: '' },
  source: undefined,
  endpoint: undefined,
  outcome: 'error',
  error: undefined,
  fields: [],
  seenAt: undefined,
  changes: undefined,
  isComputed: false,
  isAction: false,
  evidence: {},
  failures: 1,
  attempts: 0,
  message: {},
  changesAt: undefined,
  leftOut: [],
  trace: {},
  createdAt: 0,
  updatedAt: 0,
  history: [],
  claim: undefined,
  settled: undefined,
};
