import type { TicketEnding } from '../../../../lib/coordination/queue/queue';
import { FIELDS, type Counted, type Field, type QueueName, type Said, type Tried } from './said';
import type { Write } from './versioned-api';

type Accepted = 'yes' | 'late' | 'unknown';

interface Known extends Tried {
  accepted: Accepted;
  isReported: boolean;
  isGivenUp: boolean;
  /** It was settled, or was about to be. */
  isEnded: boolean;
}

/** What a run came to. */
export interface Verdict {
  /** Texts for people: what must not have happened. */
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Hears what the processes say, and judges at the end by that and by what the API was written. */
export class Judge {
  heard = 0;
  readonly accepted: Record<QueueName, number> = { merge: 0, newest: 0 };
  readonly ended: Record<QueueName, number> = { merge: 0, newest: 0 };
  held = 0;
  private readonly updates = new Map<number, Known>();
  readonly faults: string[] = [];

  hear(said: Said): void {
    this.heard++;
    if (said.say === 'fault') this.fault(said.what);
    if (said.say === 'held') this.held++;
    if (said.say === 'try') this.updates.set(said.n, knownOf(said));
    if (!('n' in said) || said.say === 'try') return;
    const update = this.updates.get(said.n);
    if (update === undefined) this.fault(`${said.say} of ${said.n}, which nobody has put`);
    else this.hearOf(update, said);
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  /** @param writes all that the API has accepted, in order */
  judge(writes: readonly Write[], counted: ReadonlyMap<QueueName, Counted>): Verdict {
    const applied = new Map<number, number>();
    this.judgeWrites(writes, applied);
    const last = lastOf(writes);
    for (const update of this.updates.values()) this.judgeUpdate(update, last, applied);
    for (const [queue, counters] of counted) this.judgeCounts(queue, counters);
    return { faults: this.faults, counts: this.counts(writes) };
  }

  private hearOf(update: Known, said: Exclude<Extract<Said, { readonly n: number }>, Tried>): void {
    switch (said.say) {
      case 'put':
        this.accepted[update.queue]++;
        update.accepted = 'yes';
        if (!said.isDurable) this.fault(`${said.n} was accepted, but not to last`);
        for (const n of said.superseded) this.report(n);
        return;
      case 'late':
        update.accepted = 'late';
        update.isReported = true;
        return;
      case 'left':
        this.report(said.n);
        return;
      case 'ends':
        for (const n of said.numbers) this.ends(n, said.as);
        return;
      case 'ended':
        this.ended[update.queue]++;
        return;
      case 'unknown':
    }
  }

  private report(n: number): void {
    const update = this.updates.get(n);
    if (update === undefined) this.fault(`${n} is superseded, but nobody has put it`);
    else update.isReported = true;
  }

  private ends(n: number, as: TicketEnding['kind']): void {
    const update = this.updates.get(n);
    if (update === undefined || as === 'again' || as === 'unseen') return;
    update.isEnded = true;
    if (as === 'given-up') update.isGivenUp = true;
  }

  /** No value is written over one that happened later, and each increment once at most. */
  private judgeWrites(writes: readonly Write[], applied: Map<number, number>): void {
    const latest = new Map<string, number>();
    for (const { record, values } of writes) {
      if (typeof values.last === 'number') {
        applied.set(values.last, (applied.get(values.last) ?? 0) + 1);
        continue;
      }
      for (const [field, n] of fieldsIn(values)) {
        const at = this.updates.get(n)?.at ?? NaN;
        const place = `${record}.${field}`;
        if (!(at >= (latest.get(place) ?? -Infinity))) {
          this.fault(`${place}: ${n} was written over something newer, or nobody has put it`);
        }
        latest.set(place, at);
        applied.set(n, 1);
      }
    }
    for (const [n, times] of applied) if (times > 1) this.fault(`${n} was added ${times} times`);
  }

  private judgeUpdate(
    update: Known,
    last: ReadonlyMap<string, number>,
    applied: ReadonlyMap<number, number>,
  ): void {
    const { n, accepted, isGivenUp, fields, record } = update;
    if (accepted === 'unknown' || isGivenUp) return;
    if (fields.length === 0) {
      if (!applied.has(n)) this.fault(`${n} was accepted and never added to ${record}`);
      return;
    }
    for (const field of fields) this.judgeField(update, field, last);
    if (update.queue === 'newest') this.judgeReport(update);
  }

  /** At the end each field holds the newest value. */
  private judgeField(
    { n, record, at }: Known,
    field: Field,
    last: ReadonlyMap<string, number>,
  ): void {
    const value = last.get(`${record}.${field}`);
    const found = value === undefined ? undefined : this.updates.get(value);
    if (found !== undefined && found.at >= at) return;
    this.fault(`${record}.${field} ends as ${String(value)}, and ${n} is newer: it is lost`);
  }

  /**
   * Where nothing is merged, each update is handed on or reported; but for those that left by what another process did
   * that was killed, or got no answer, in that very moment.
   */
  private judgeReport({ n, isReported, isEnded, record, at }: Known): void {
    if (isReported || isEnded) return;
    const by = [...this.updates.values()].find(
      other => other.record === record && other.accepted === 'unknown' && other.at > at,
    );
    if (by === undefined) this.fault(`${n} was neither handed on nor reported`);
    else this.untold++;
  }

  private untold = 0;

  private judgeCounts(queue: QueueName, counted: Counted): void {
    const { accepted, merged, superseded, done, givenUp, waiting, inFlight } = counted;
    if (accepted !== merged + superseded + done + givenUp + waiting + inFlight) {
      this.fault(`${queue} does not add up: ${JSON.stringify(counted)}`);
    }
    const own = [...this.updates.values()].filter(update => update.queue === queue);
    const surely = own.filter(update => update.accepted !== 'unknown').length;
    if (accepted < surely || accepted > own.length) {
      this.fault(`${queue} counts ${accepted} accepted, and ${surely} to ${own.length} were`);
    }
    const reported = own.filter(update => update.isReported).length;
    if (reported > superseded) {
      this.fault(`${queue} counts ${superseded} superseded, and ${reported} were reported`);
    }
  }

  private counts(writes: readonly Write[]): Record<string, number> {
    const all = [...this.updates.values()];
    const count = (is: (update: Known) => boolean): number => all.filter(is).length;
    return {
      put: all.length,
      unknown: count(({ accepted }) => accepted === 'unknown'),
      superseded: count(({ isReported }) => isReported),
      givenUp: count(({ isGivenUp }) => isGivenUp),
      untold: this.untold,
      writes: writes.length,
      held: this.held,
    };
  }
}

function knownOf(tried: Tried): Known {
  return { ...tried, accepted: 'unknown', isReported: false, isGivenUp: false, isEnded: false };
}

function fieldsIn(values: Write['values']): [Field, number][] {
  return FIELDS.flatMap(field => {
    const n = values[field];
    return typeof n === 'number' ? [[field, n] as [Field, number]] : [];
  });
}

function lastOf(writes: readonly Write[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { record, values } of writes) {
    for (const [field, n] of fieldsIn(values)) last.set(`${record}.${field}`, n);
  }
  return last;
}
