import { InputError } from '../../lib/errors';
import { isFields, isThenable, type Fields, type RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { refOf, type Connection } from '../record-endpoint/lookup';
import { digitsCheck } from '../shared/digits';
import { awaitForgotten, type Scope } from '../shared/scope';
import { namesIn, settingsOf } from '../shared/settings';
import { BULK_FIELDS, MOST_ITEMS, type BulkUpdateConfig } from './config';

/** What one update is made of, as it came. */
export interface Item {
  readonly ref: RecordRef;
  readonly changes: unknown;
  readonly snapshot: unknown;
  readonly guard: unknown;
}

/** As the results name an item, whatever it holds. */
export interface ItemFace {
  readonly key: unknown;
  readonly changes: unknown;
}

/** Items in their order. Nothing is kept of them but what they came in. */
export interface Items {
  readonly length: number;
  /** Throws what is wrong with the item. */
  at(index: number): Item;
  face(index: number): ItemFace;
  /** What an error says before what is wrong with these; may be empty. */
  called(indexes: readonly number[]): string;
}

/** The list of a message. Throws InputError `LIST_INVALID`, `LIST_EMPTY` or `LIST_TOO_LONG`. */
export async function listIn(
  scope: Scope,
  { list: value, listType: type }: BulkUpdateConfig,
): Promise<readonly unknown[]> {
  const list = await scope.evaluateExact({ value, type, label: 'List', code: 'LIST_INVALID' });
  if (!Array.isArray(list)) {
    throw new InputError(
      'LIST_INVALID',
      'List must be an array of items such as {"key": "T001", "changes": {"salesRepId": "EMP-108"}}. Set it in the message, or choose another place under List; for single messages choose another Input.',
    );
  }
  if (list.length === 0) {
    throw new InputError(
      'LIST_EMPTY',
      'List is empty, so there is nothing to update. Where that may happen, let a switch node ask before this node.',
    );
  }
  if (list.length > MOST_ITEMS) throw tooLong(list.length);
  return list as readonly unknown[];
}

function tooLong(length: number): InputError {
  return new InputError(
    'LIST_TOO_LONG',
    `List holds ${String(length)} items, and at most ${String(MOST_ITEMS)} go at once. Divide it with a split node.`,
  );
}

/** What the dialog says of the members of an item. */
interface Members {
  readonly key: readonly string[];
  /** Undefined: all that are not the key. */
  readonly changes: string | undefined;
  readonly snapshot: string | undefined;
  readonly guard: string | undefined;
}

/** Where the items of a list are, and what they may have been made from. */
interface ListPlace {
  readonly connection: Connection;
  readonly collection: string;
  readonly scope: Scope;
}

/** The items of a list, all of them in one collection. Throws InputError `MEMBER_MISSING`. */
export function listItems(
  list: readonly unknown[],
  config: BulkUpdateConfig,
  { connection, collection, scope }: ListPlace,
): Items {
  const check = keyCheck(scope, config);
  const members = membersOf(config);
  const place = { collection: config.collection, collectionType: config.collectionType };
  return {
    length: list.length,
    at: index => {
      const item = itemOf(list[index]);
      const key = keyOf(item, members.key);
      check(key);
      const ref = refOf(connection, collection, key, place);
      const { changes, snapshot, guard } = partsOf(item, members);
      if (!isFields(changes)) throw noChanges(changes, members.changes);
      return { ref, changes, snapshot, guard };
    },
    face: index => faceOf(list[index], members),
    called: indexes => `${indexes.length === 1 ? 'Item' : 'Items'} ${indexes.join(', ')}: `,
  };
}

/** JSONata may have rounded the numbers that it made keys of. */
function keyCheck(scope: Scope, { list, listType }: BulkUpdateConfig): (key: unknown) => void {
  if (listType !== 'jsonata') return () => undefined;
  return digitsCheck(scope, { expression: list, label: 'Key', code: 'KEY_INVALID' });
}

function membersOf(config: BulkUpdateConfig): Members {
  const read = settingsOf(BULK_FIELDS, config);
  const named = (name: 'changesMember' | 'snapshotMember' | 'guardMember'): string | undefined =>
    read.text(name) === '' ? undefined : read.text(name);
  return {
    key: namesIn(read.text('keyMember')),
    changes: named('changesMember'),
    // Beside members that are all changes, nothing else has a place.
    snapshot: named('changesMember') && named('snapshotMember'),
    guard: named('changesMember') && named('guardMember'),
  };
}

function itemOf(value: unknown): Fields {
  if (isFields(value)) return value;
  throw new InputError(
    'ITEM_INVALID',
    'It is no object such as {"key": "T001", "changes": {"salesRepId": "EMP-108"}}.',
  );
}

function keyOf(item: Fields, names: readonly string[]): RecordKey {
  const missing = names.find(name => isAbsent(member(item, name)));
  if (missing !== undefined) {
    throw new InputError(
      'KEY_INVALID',
      `The record key is missing: the item has no "${missing}". Set it, or name another member under Key in an item.`,
    );
  }
  const key = keyParts(item, names);
  if (isThenable(key)) throw awaitForgotten('KEY_INVALID', `Its "${names.join(', ')}"`);
  return key as RecordKey;
}

function keyParts(item: Fields, names: readonly string[]): unknown {
  const [name = ''] = names;
  return names.length === 1
    ? member(item, name)
    : Object.fromEntries(names.map(part => [part, member(item, part)]));
}

function partsOf(item: Fields, members: Members): Omit<Item, 'ref'> {
  const { changes, snapshot, guard } = members;
  return {
    changes: changes === undefined ? allBut(item, members.key) : member(item, changes),
    snapshot: snapshot === undefined ? undefined : member(item, snapshot),
    guard: guard === undefined ? undefined : member(item, guard),
  };
}

function noChanges(found: unknown, name = ''): InputError {
  const what = isAbsent(found) ? `the item has no "${name}"` : `"${name}" of the item is none`;
  return new InputError(
    'CHANGES_INVALID',
    `Changes must be an object of field names and values, for example {"salesRepId": "EMP-108"}; ${what}. Set it, or name another member under Changes in an item; without a name there, every member but the key is a change.`,
  );
}

function allBut(item: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}

function faceOf(value: unknown, members: Members): ItemFace {
  try {
    if (!isFields(value)) return { key: undefined, changes: value };
    return { key: keyParts(value, members.key), changes: partsOf(value, members).changes };
  } catch {
    return { key: undefined, changes: undefined };
  }
}

/** Own members only: an item may be named like anything. */
function member(item: Fields, name: string): unknown {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
