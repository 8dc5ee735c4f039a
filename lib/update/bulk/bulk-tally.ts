import type { Answer, Fault } from '../../outcome/answer';
import { OUTCOMES, type Outcome, type UpdateResult } from '../../outcome/outcome';
import type { Time } from '../../retry/time';
import type { WireRequest } from '../../transport/transport';

/** Counts by outcome, every one of them, and what it took. */
export interface BulkSummary extends Readonly<Record<Outcome, number>> {
  /** That are over. */
  readonly records: number;
  /** Requests to the API. */
  readonly calls: number;
  /** Writes and reads that were repeated, over all records. */
  readonly retries: number;
  /** Of the bodies of requests and answers. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** Counts while records are under way. */
export class BulkTally {
  private readonly outcomes = new Map<Outcome, number>();
  private records = 0;
  private calls = 0;
  private retries = 0;
  private bytes = 0;
  private readonly since: number;

  /** @param onCall told of every request that has ended */
  constructor(
    private readonly time: Pick<Time, 'monotonic'>,
    private readonly onCall: (tally: BulkTally) => void = () => undefined,
  ) {
    this.since = time.monotonic();
  }

  sent({ body = '' }: WireRequest): void {
    this.calls += 1;
    this.bytes += Buffer.byteLength(body);
  }

  answered(result: Answer | Fault): void {
    if (result.kind === 'answer') this.bytes += Buffer.byteLength(result.text);
    this.onCall(this);
  }

  ended({ outcome, retries }: Pick<UpdateResult, 'outcome' | 'retries'>): void {
    this.records += 1;
    this.retries += retries;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  summary(): BulkSummary {
    const counts = OUTCOMES.map(outcome => [outcome, this.outcomes.get(outcome) ?? 0]);
    return {
      ...(Object.fromEntries(counts) as Record<Outcome, number>),
      records: this.records,
      calls: this.calls,
      retries: this.retries,
      bytes: this.bytes,
      durationMs: Math.round(this.time.monotonic() - this.since),
    };
  }
}
