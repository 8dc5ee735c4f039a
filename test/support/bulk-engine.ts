import type { BulkApi } from '../../lib/api/bulk/bulk-api';
import type { UpdateOutput } from '../../lib/update/known';
import {
  updateRecords,
  type AnyMember,
  type BulkContext,
  type BulkOptions,
} from '../../lib/update/bulk/bulk';
import type { BulkSummary } from '../../lib/update/bulk/bulk-tally';
import type { Notice } from '../../lib/update/bulk/notice';
import type { Fields } from '../../lib/record/fields';
import { bulkOf, idOf } from './bulk-records';
import { Engine, FakeTime, type EngineOptions, type RequestPart } from './engine';

/** Time in which many sleep at once: what they sleep together passes once. */
class OverlappingTime extends FakeTime {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const due = this.monotonic() + ms;
    this.waits.push(ms);
    await new Promise(resolve => setImmediate(resolve));
    signal?.throwIfAborted();
    this.advance(Math.max(0, due - this.monotonic()));
  }
}

export interface BulkEngineOptions extends EngineOptions {
  readonly bulk?: (url: string) => BulkApi;
  readonly options?: Partial<BulkOptions>;
  readonly turnFor?: BulkContext['turnFor'];
}

/** The outcomes of one run, in the order of the list, and what it took. */
export interface BulkRunResult {
  readonly outputs: readonly UpdateOutput[];
  readonly outcomes: readonly string[];
  readonly summary: BulkSummary;
  readonly notices: readonly Notice[];
}

/** Runs of bulk updates with a real family and a real transport. */
export class BulkEngine extends Engine {
  readonly outputs: UpdateOutput[] = [];
  readonly notices: Notice[] = [];
  readonly clock: FakeTime;

  constructor(
    private readonly url: string,
    private readonly settings: BulkEngineOptions = {},
  ) {
    const clock = new OverlappingTime();
    super(url, { time: clock, ...settings });
    this.clock = clock;
  }

  /** Every record gets changes of its own. */
  members(count: number, part: (n: number) => RequestPart = () => ({})): AnyMember[] {
    return Array.from({ length: count }, (_, index) => ({
      index,
      request: this.request({ changes: changesOf(index), ...part(index), ref: this.refOf(index) }),
    }));
  }

  get bulk(): BulkApi {
    const { bulk = bulkOf } = this.settings;
    return bulk(this.url);
  }

  async run(members: readonly AnyMember[]): Promise<BulkRunResult> {
    const { options, turnFor } = this.settings;
    const context = { ...this.context, bulk: this.bulk, ...(turnFor ? { turnFor } : {}) };
    const all = { batchSize: 50, parallel: undefined, pauseMs: 0, atomic: false, ...options };
    const { outputs, notices } = this;
    const summary = await updateRecords(members, context, all, {
      onResult: (index, output) => {
        if (outputs[index] !== undefined) throw new Error(`record ${String(index)} ended twice`);
        outputs[index] = output;
      },
      onNotice: notice => notices.push(notice),
    });
    const outcomes = members.map(({ index }) => outputs[index]?.result.outcome ?? 'none');
    return { outputs, outcomes, summary, notices };
  }

  private refOf(n: number) {
    return this.family.locate(this.url, 'orders', idOf(n));
  }
}

export function changesOf(n: number): Fields {
  return { status: `s${String(n)}` };
}
