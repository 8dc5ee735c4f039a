import { onTestFinished } from 'vitest';
import { createFamily } from '../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import type { Outcome } from '../../lib/outcome/outcome';
import { DEFAULT_POLICY, type RetryPolicy } from '../../lib/retry/policy';
import { createTransport } from '../../lib/transport/client';
import { Admission, type EntranceSettings } from '../../lib/transport/throttle/admission';
import type { Phase, UpdateContext } from '../../lib/update/context';
import { fetchRecord, type Fetched } from '../../lib/update/fetch';
import type { UpdateOutput } from '../../lib/update/known';
import { updateRecord } from '../../lib/update/loop';
import { checkRequest, type UpdateRequestInput } from '../../lib/update/request';
import { ManualTime } from '../lib/transport/throttle/manual-time';
import { BurstApi } from './burst-api';
import { USUAL_UPDATE, usualContext } from './usual-update';

export interface BurstOptions extends EntranceSettings {
  readonly parallel: number;
  readonly policy?: Partial<RetryPolicy>;
  /** Before a read that failed is sent again; by the real clock. */
  readonly retryWaitMs?: number;
}

/** What is given to one update besides what the dialog's defaults say. */
export interface RowPart extends Partial<UpdateRequestInput> {
  readonly context?: Partial<UpdateContext>;
}

/** Updates of many records of one API, on a clock that moves only when all that can be under way is. */
export class Burst {
  readonly time = new ManualTime();
  readonly api = new BurstApi(() => this.time.monotonic());
  readonly admission: Admission;
  readonly stop = new AbortController();
  readonly phases: Phase[] = [];
  readonly outcomes: Outcome[] = [];
  /** Closes the endpoint's entrance, as the endpoint does. */
  close: () => void = () => undefined;
  private context: UpdateContext | undefined;
  private readonly node = {};
  private unfinished = 0;

  constructor(private readonly options: BurstOptions) {
    this.admission = new Admission(this.time);
  }

  async start(): Promise<this> {
    await this.api.start();
    const { policy, retryWaitMs = 0, ...settings } = this.options;
    const { entrance } = this.admission.lease(settings);
    const transport = createTransport({
      baseUrl: this.api.url,
      auth: { kind: 'none' },
      requestTimeoutMs: 60_000,
      transientRetries: 4,
      maxResponseBytes: 100_000,
      retryWait: () => retryWaitMs,
      time: this.time,
      admission: this.admission,
    });
    onTestFinished(() => transport.close());
    this.close = () => entrance.close();
    this.context = {
      ...usualContext(createFamily('rest', DEFAULT_API_SETTINGS), transport),
      policy: { ...DEFAULT_POLICY, ...policy },
      time: this.time,
      random: () => 0.5,
      stop: this.stop.signal,
      kill: this.stop.signal,
      newToken: () => 'token',
      onPhase: phase => this.phases.push(phase),
      line: entrance.lineFor(this.node),
    };
    return this;
  }

  /** The line of another node at the same endpoint, or at another one with the same credential. */
  lineOf(node: object, settings: EntranceSettings = this.options) {
    return this.admission.lease(settings).entrance.lineFor(node);
  }

  async update(key: string, { context, ...part }: RowPart = {}): Promise<UpdateOutput> {
    const full = { ...this.ready(), ...context };
    const input: UpdateRequestInput = {
      ...USUAL_UPDATE,
      ref: full.family.locate(this.api.url, 'rows', key),
      changes: { status: 'Done' },
      ...part,
    };
    return this.counted(async () => {
      const output = await updateRecord(checkRequest(input, full.family), full);
      this.outcomes.push(output.result.outcome);
      return output;
    });
  }

  fetch(key: string, context: Partial<UpdateContext> = {}): Promise<Fetched> {
    const full = { ...this.ready(), ...context };
    const ref = full.family.locate(this.api.url, 'rows', key);
    return this.counted(() => fetchRecord(ref, undefined, full));
  }

  /** Answers every round of requests after that time, until nothing is left to do. */
  keepAnswering(latencyMs: number): void {
    const { limit } = this.admission;
    const look = (): void => {
      const { open } = this.api;
      if (open.length === 0 || open.length < Math.min(limit.limit, this.unfinished)) return;
      this.time.advance(latencyMs);
      this.api.answerAll();
    };
    this.api.onArrival = look;
    this.onFinished = look;
    look();
  }

  stopAnswering(): void {
    this.api.onArrival = () => undefined;
    this.onFinished = () => undefined;
  }

  private onFinished: () => void = () => undefined;

  private ready(): UpdateContext {
    if (this.context === undefined) throw new Error('not started');
    return this.context;
  }

  private async counted<T>(work: () => Promise<T>): Promise<T> {
    this.unfinished++;
    try {
      return await work();
    } finally {
      this.unfinished--;
      this.onFinished();
    }
  }
}
