import { DONE_OUTCOMES, type UpdateResult } from '../../lib/outcome/outcome';
import type { Snapshot } from '../../lib/record/snapshot';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import type { Message, Scope } from '../shared/scope';
import type { BulkUpdateConfig } from './config';
import type { Items } from './items';
import { changesOf } from './members';
import type { BulkResult, Outlet, Over } from './outlet';

/** What the results of a list are made of. */
interface Source {
  /** The message without its list. */
  readonly rest: Scope;
  readonly items: Items;
  readonly config: BulkUpdateConfig;
}

/** Where the list came from, without which the message goes on. */
export function restOf(scope: Scope, { list, listType }: BulkUpdateConfig): Scope {
  return listType === 'msg' ? scope.copyWithout('payload', list) : scope.copyWithout('payload');
}

abstract class ListOutlet implements Outlet {
  constructor(protected readonly source: Source) {}

  abstract begin(count: number): void;
  abstract put(over: Over): void;
  abstract end(summary: BulkSummary): void;
  abstract abandon(): readonly UpdateResult[];

  stopped(): void {
    // The message of the list says it of all of them.
  }

  progress(bulk: BulkSummary, share: number): void {
    const { rest } = this.source;
    const told = rest.copy();
    Object.assign(told.msg, { payload: share, bulk });
    rest.send([null, null, told.msg]);
  }

  /** As the item gave them; of a list that others hold too, a copy. */
  protected faceOf({ result }: Over): { readonly key: unknown; readonly changes: unknown } {
    const { items, rest, config } = this.source;
    const faces = result.items.map(item => items.face(item));
    const face = { key: faces[0]?.key, changes: merged(faces) };
    return config.listType === 'msg' ? face : rest.clone(face);
  }
}

/** One message per record, as soon as it is over; the last one of all carries the summary. */
export class EachOutlet extends ListOutlet {
  private readonly id: string;
  /** What each message begins with. */
  private readonly draft: Scope;
  private count = 0;
  private left = 0;
  /** It waits for the summary. */
  private last: { readonly one: Scope; readonly result: UpdateResult } | undefined;

  constructor(source: Source) {
    super(source);
    this.id = source.rest.newId();
    this.draft = source.rest.copy();
    // What each sets has its place already: V8 takes microseconds to copy an object with one member more.
    const { parts } = this.draft.msg;
    Object.assign(this.draft.msg, { key: undefined, payload: undefined, parts });
  }

  begin(count: number): void {
    this.count = this.left = count;
  }

  put(over: Over): void {
    this.left--;
    const one = this.messageOf(over);
    const { result } = over;
    if (this.left > 0) sendOne(one, result);
    else this.last = { one, result };
  }

  end(bulk: BulkSummary): void {
    if (this.last === undefined) return;
    const { one, result } = this.last;
    one.msg.bulk = bulk;
    sendOne(one, result);
    this.last = undefined;
  }

  abandon(): readonly UpdateResult[] {
    return this.last === undefined ? [] : [this.last.result];
  }

  private messageOf(over: Over): Scope {
    const { config } = this.source;
    const { key, changes } = this.faceOf(over);
    const one = this.draft.copy();
    const msg: Record<string, unknown> = one.msg;
    const { parts: outer } = msg;
    const parts: Record<string, unknown> = {
      id: this.id,
      type: 'array',
      index: over.group,
      count: this.count,
    };
    // As the split node does it: a sequence in a sequence.
    if (outer !== undefined) parts.parts = outer;
    msg.key = key;
    msg.payload = changes;
    msg.parts = parts;
    one.set(config.result, over.result);
    one.set(config.record, over.record);
    return one;
  }
}

function sendOne(one: Scope, { outcome }: UpdateResult): void {
  if (DONE_OUTCOMES.includes(outcome)) one.send([one.msg, null]);
  else one.send([null, one.msg], outcome);
}

/** Changes that cannot be merged stay as they are: their record was refused for it. */
function merged(faces: readonly { readonly changes: unknown }[]): unknown {
  try {
    return changesOf(faces);
  } catch {
    return faces.map(({ changes }) => changes);
  }
}

/** What the arrays hold: as an item of a list, so that those not done can go in again. */
interface Entry {
  readonly key: unknown;
  readonly changes: unknown;
  readonly update: BulkResult;
  readonly record?: Snapshot;
}

/** One message with all records that are done, and one with the others, in the order of the list. */
export class ArrayOutlet extends ListOutlet {
  private done: Entry[] = [];
  private readonly notDone: Entry[] = [];

  begin(): void {
    // Nothing goes out before the end.
  }

  put(over: Over): void {
    const { result: update, record } = over;
    const { key, changes } = this.faceOf(over);
    const entry = { key, changes, update, ...(record === undefined ? {} : { record }) };
    (DONE_OUTCOMES.includes(update.outcome) ? this.done : this.notDone).push(entry);
  }

  end(bulk: BulkSummary): void {
    const { rest } = this.source;
    const [first] = this.notDone;
    if (this.done.length > 0) rest.send([this.message(this.done, bulk), null]);
    this.done = [];
    if (first === undefined) return;
    rest.send([null, this.message(this.notDone, bulk)], first.update.outcome);
  }

  abandon(): readonly UpdateResult[] {
    return [...this.done, ...this.notDone].map(({ update }) => update);
  }

  private message(entries: Entry[], bulk: BulkSummary): Message {
    const { msg } = this.source.rest.copy();
    const placeOf = ({ update: { items } }: Entry): number => items[0] ?? 0;
    const payload = entries.sort((one, other) => placeOf(one) - placeOf(other));
    return Object.assign(msg, { payload, bulk: { ...bulk } });
  }
}
