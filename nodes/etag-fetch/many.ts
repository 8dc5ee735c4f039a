import { setImmediate } from 'node:timers/promises';
import { InputError } from '../../lib/errors';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import type { Snapshot } from '../../lib/record/snapshot';
import { fetchRecords } from '../../lib/update/bulk/fetch-many';
import type { ReadContext } from '../../lib/update/context';
import { refOf, type Connection } from '../record-endpoint/lookup';
import { digitsCheck } from '../shared/digits';
import { keyShown } from '../shared/key-shown';
import type { Scope } from '../shared/scope';
import type { EtagFetchConfig } from './config';

/** Most records that one message reads. */
const MOST_KEYS = 100_000;

/** What is read, and how. */
export interface Reading {
  readonly connection: Connection;
  readonly collection: string;
  readonly fields: readonly string[] | undefined;
  readonly context: ReadContext;
}

/** What became of the records of a list of keys, each of them once, in the order of the keys. */
export interface ReadMany {
  readonly records: readonly Snapshot[];
  readonly missing: readonly UpdateResult[];
}

/**
 * Reads the records of all keys, by lists as far as the API has them. A key that is none ends as `rejected`, and the
 * others are read. Throws InputError `KEYS_EMPTY` or `KEYS_TOO_MANY`.
 */
export async function readMany(
  scope: Scope,
  config: EtagFetchConfig,
  keys: readonly unknown[],
  { connection, collection, fields, context }: Reading,
): Promise<ReadMany> {
  checkCount(keys);
  const check = keyCheck(scope, config);
  const located = await locatedIn(keys, key =>
    refOrResult(key, () => {
      check(key);
      return refOf(connection, collection, key as RecordKey, config);
    }),
  );
  const refs = [...new Map(located.filter(isRef).map(ref => [ref.url, ref])).values()];
  const { bulk } = connection;
  const { fetched } = await fetchRecords(
    refs,
    fields,
    { ...context, bulk },
    {
      parallel: undefined,
      onNotice: ({ message }) => {
        scope.node.warn(message);
      },
    },
  );
  const ends = new Map(refs.map((ref, place) => [ref.url, fetched[place]]));
  const records: Snapshot[] = [];
  const missing: UpdateResult[] = [];
  for (const one of located) {
    const end = isRef(one) ? ends.get(one.url) : { result: one };
    // The second time that a key stands there.
    if (end === undefined) continue;
    if (isRef(one)) ends.delete(one.url);
    if ('snapshot' in end) records.push(end.snapshot);
    else missing.push(end.result);
  }
  return { records, missing };
}

function checkCount({ length }: readonly unknown[]): void {
  if (length === 0) {
    throw new InputError(
      'KEYS_EMPTY',
      'Key is an empty list, so there is nothing to read. Where that may happen, let a switch node ask before this node.',
    );
  }
  if (length <= MOST_KEYS) return;
  throw new InputError(
    'KEYS_TOO_MANY',
    `Key is a list of ${String(length)} keys, and at most ${String(MOST_KEYS)} go at once. Divide it with a split node.`,
  );
}

/** So many keys are looked at before others get their turn. */
const SLICE = 1_000;

async function locatedIn(
  keys: readonly unknown[],
  locate: (key: unknown) => RecordRef | UpdateResult,
): Promise<readonly (RecordRef | UpdateResult)[]> {
  const located: (RecordRef | UpdateResult)[] = [];
  // By number: a list may have holes, which other ways pass over.
  for (let nth = 0; nth < keys.length; nth++) {
    located.push(locate(keys[nth]));
    if (nth % SLICE === SLICE - 1) await setImmediate();
  }
  return located;
}

/** JSONata may have rounded what it has made of them. */
function keyCheck(scope: Scope, { key, keyType }: EtagFetchConfig): (made: unknown) => void {
  if (keyType !== 'jsonata') return () => undefined;
  return digitsCheck(scope, { expression: key, label: 'Key', code: 'KEY_INVALID' });
}

function refOrResult(key: unknown, locate: () => RecordRef): RecordRef | UpdateResult {
  try {
    return locate();
  } catch (error) {
    // Records that are nowhere are the message's fault, not a key's.
    if (error instanceof InputError && error.code === 'COLLECTION_INVALID') throw error;
    return refused(key, error);
  }
}

function refused(given: unknown, thrown: unknown): UpdateResult {
  const code = thrown instanceof InputError ? thrown.code : 'KEY_INVALID';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const key = keyShown(given) ?? '';
  const counts = { attempts: [], reads: 0, retries: 0, durationMs: 0 };
  return { outcome: 'rejected', verified: false, key, ...counts, error: { code, message } };
}

function isRef(one: RecordRef | UpdateResult): one is RecordRef {
  return 'url' in one;
}

/** Those that were read leave by the first output, the results of the others by the second. */
export function sendMany(
  scope: Scope,
  config: EtagFetchConfig,
  { records, missing }: ReadMany,
): void {
  const [first] = missing;
  const others = first === undefined ? undefined : scope.copy();
  if (records.length > 0) {
    scope.set(config.records, records);
    scope.send([scope.msg, null]);
  }
  if (others === undefined || first === undefined) return;
  others.set(config.records, undefined);
  others.set(config.result, missing);
  others.send([null, others.msg], first.outcome);
}
