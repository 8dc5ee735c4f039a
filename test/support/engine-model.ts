import { createFamily } from '../../lib/api/families';
import type { Answer, Fault } from '../../lib/outcome/answer';
import type { Fields } from '../../lib/record/fields';
import type { Transport, WireRequest } from '../../lib/transport/transport';
import type { UpdateContext } from '../../lib/update/context';
import { FakeTime, REST } from './engine';
import { seededRandom } from './seeded-random';
import { usualContext } from './usual-update';

/** What becomes of one write; where there is no answer, it was applied, never arrived, or is applied some time later. */
export const FATES = ['answered', 'lost', 'never-arrived', 'lands-later', 'unavailable'] as const;
export type Fate = (typeof FATES)[number];

/** One change of the record. */
export interface Entry {
  readonly by: string;
  readonly before: Fields;
  readonly after: Fields;
}

/** How the API answers. */
export interface ModelAnswers {
  /** What it shows of the record after a write: all, only what was written, its version, or nothing. Default: all. */
  readonly writes?: 'record' | 'part' | 'version' | 'nothing';
  /** Reads that are behind do not say so. */
  readonly isSilent?: boolean;
  /** Answers to writes are under way for a while, so that others may come in between. */
  readonly isSlow?: boolean;
}

const BASE = 'http://127.0.0.1/api';
const FAMILY = createFamily('rest', { ...REST, cacheHeader: 'X-Cache' });
const TRAFFIC = { heldForMs: () => 0, limit: 64, fullLimit: 64 };

/**
 * An API in memory with one record, true to its version. Every step of every party waits for its turn, so that whoever
 * gives the turns decides how the parties interleave. The API knows no transitions: it takes any state.
 */
export class ModelRecord {
  readonly ref = FAMILY.locate(BASE, 'work-orders', 'WO-1');
  readonly family = FAMILY;
  readonly time = new FakeTime();
  readonly history: Entry[] = [];
  values: Fields;
  private n = 1;

  constructor(
    values: Fields,
    private readonly turn: () => Promise<void>,
    private readonly answers: ModelAnswers = {},
  ) {
    this.values = { ...values, statusSince: this.now() };
  }

  /** ISO 8601. */
  now(): string {
    return new Date(this.time.now()).toISOString();
  }

  /** Waits until it is this party's turn; time goes on meanwhile. */
  async step(): Promise<void> {
    await this.turn();
    this.time.advance(1);
  }

  change(values: Fields, by: string): void {
    const before = this.values;
    const isMoved = Object.hasOwn(values, 'status') && values.status !== before.status;
    this.values = { ...before, ...(isMoved ? { statusSince: this.now() } : {}), ...values };
    this.n += 1;
    this.history.push({ by, before, after: this.values });
  }

  /**
   * The way to the record for one party, whose writes meet these fates; then all are answered.
   * @param behind for each read how many changes a cache lags behind; then none does
   */
  contextFor(by: string, fates: readonly Fate[], behind: readonly number[] = []): UpdateContext {
    const left = [...fates];
    const lags = [...behind];
    const transport = this.transport(
      by,
      () => left.shift() ?? 'answered',
      () => lags.shift() ?? 0,
    );
    return { ...usualContext(this.family, transport), time: this.time, random: seededRandom(1) };
  }

  private transport(by: string, nextFate: () => Fate, nextLag: () => number): Transport {
    return {
      traffic: TRAFFIC,
      read: async () => {
        await this.step();
        return this.shownBehind(nextLag());
      },
      write: async request => {
        await this.step();
        const met = this.meet(nextFate(), request, by);
        if (this.answers.isSlow === true) await this.step();
        return met;
      },
      close: () => Promise.resolve(),
    };
  }

  private meet(fate: Fate, request: WireRequest, by: string): Answer | Fault {
    switch (fate) {
      case 'answered':
        return this.apply(request, by);
      case 'lost':
        this.apply(request, by);
        return noAnswer('ECONNRESET');
      case 'never-arrived':
        return noAnswer('ECONNRESET');
      case 'lands-later':
        void this.step().then(() => this.apply(request, by));
        return noAnswer('TIMEOUT');
      case 'unavailable':
        return answer(503);
    }
  }

  private apply({ headers, body }: WireRequest, by: string): Answer {
    if (headers['If-Match'] !== this.version && headers['If-Match'] !== '*') return answer(412);
    const changes = JSON.parse(body ?? '{}') as Fields;
    this.change(changes, by);
    return this.answerTo(changes);
  }

  private answerTo(changes: Fields): Answer {
    const headers = { etag: this.version };
    switch (this.answers.writes ?? 'record') {
      case 'record':
        return this.shown();
      case 'part':
        return answer(200, changes, headers);
      case 'version':
        return { ...answer(204, undefined, headers), text: '' };
      case 'nothing':
        return { ...answer(204), json: undefined, text: '' };
    }
  }

  private get version(): string {
    return versionAt(this.n);
  }

  /** What a cache shows that has missed so many changes. */
  private shownBehind(changes: number): Answer {
    const missed = Math.min(changes, this.history.length);
    const first = this.history.at(-missed);
    if (missed === 0 || first === undefined) return this.shown();
    const said = this.answers.isSilent === true ? undefined : { 'x-cache': 'HIT' };
    return answer(200, first.before, { etag: versionAt(this.n - missed), ...said });
  }

  private shown(): Answer {
    return answer(200, this.values, { etag: this.version });
  }
}

function versionAt(n: number): string {
  return `"v${String(n)}"`;
}

function answer(status: number, json: unknown = {}, headers: Record<string, string> = {}): Answer {
  return { kind: 'answer', status, headers, text: JSON.stringify(json), json, roundTripMs: 1 };
}

function noAnswer(code: string): Fault {
  return { kind: 'fault', sent: 'maybe', code, message: 'No answer came.', fatal: false };
}
