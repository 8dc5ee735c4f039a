import { onTestFinished } from 'vitest';
import { createFamily } from '../../lib/api/families';
import type { FamilyId } from '../../lib/api/family-ids';
import type { ApiFamily } from '../../lib/api/family';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../lib/api/settings';
import type { Fields, RecordKey } from '../../lib/record/fields';
import type { Snapshot } from '../../lib/record/snapshot';
import { DEFAULT_POLICY, type RetryPolicy } from '../../lib/retry/policy';
import { checkTimerMs, type Time } from '../../lib/retry/time';
import { createTransport } from '../../lib/transport/client';
import type { TransportSettings } from '../../lib/transport/settings';
import type { AcquireTurn, Phase, UpdateContext } from '../../lib/update/context';
import { fetchRecord, type Fetched } from '../../lib/update/fetch';
import { updateRecord } from '../../lib/update/loop';
import { OwnWrites } from '../../lib/update/own-writes';
import {
  checkRequest,
  type UpdateRequest,
  type UpdateRequestInput,
} from '../../lib/update/request';
import type { UpdateOutput } from '../../lib/update/known';
import { seededRandom } from './seeded-random';
import { USUAL_UPDATE, usualContext } from './usual-update';

/** Time that passes only by sleeping, at once; the waits are remembered. */
export class FakeTime implements Time {
  readonly waits: number[] = [];
  /** A sleep then only ends by its signal. */
  sleepsForever = false;
  /** Called with every sleep as it begins. */
  onSleep: (ms: number) => void = () => undefined;
  private clock = 0;

  now(): number {
    return Date.UTC(2026, 1, 8, 10) + this.clock;
  }

  monotonic(): number {
    return this.clock;
  }

  advance(ms: number): void {
    this.clock += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    checkTimerMs('sleep', ms);
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.onSleep(ms);
    if (this.sleepsForever) await aborted(signal);
    this.clock += ms;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
    if (signal?.aborted) reject(signal.reason as Error);
  });
}

export const REST: ApiSettings = DEFAULT_API_SETTINGS;

export interface EngineOptions {
  readonly family?: FamilyId;
  readonly rest?: Partial<ApiSettings>;
  readonly policy?: Partial<RetryPolicy>;
  readonly transport?: Partial<TransportSettings>;
  readonly time?: Time;
  readonly seed?: number;
  readonly turn?: AcquireTurn;
  /** Replaces members of the family. */
  readonly familyPart?: Partial<ApiFamily>;
  readonly context?: Partial<UpdateContext>;
  /** Path below the server that the record's collection lies under. */
  readonly basePath?: string;
  readonly collection?: string;
  readonly key?: RecordKey;
}

export type RequestPart = Partial<Omit<UpdateRequestInput, 'changes'>> & {
  readonly changes?: unknown;
};

/** Dataverse takes GUIDs only, and alternate keys. */
export const ROW_ID = '00000000-0000-4000-8000-0000000000a1';

function keyOf({ family }: EngineOptions): string {
  return family === 'dataverse' ? ROW_ID : 'A1';
}

/** The update loop with a real family and a real transport, against one server. */
export class Engine {
  readonly family: ApiFamily;
  readonly time: FakeTime;
  readonly stop = new AbortController();
  readonly kill = new AbortController();
  readonly phases: Phase[] = [];
  readonly context: UpdateContext;
  private readonly ref;

  constructor(baseUrl: string, options: EngineOptions = {}) {
    const fake = new FakeTime();
    this.time = fake;
    const time = options.time ?? fake;
    const family = createFamily(options.family ?? 'rest', { ...REST, ...options.rest });
    this.family = { ...family, ...options.familyPart };
    const policy = { ...DEFAULT_POLICY, requestTimeoutMs: 5_000, ...options.policy };
    const url = baseUrl + (options.basePath ?? '');
    const transport = createTransport({
      baseUrl: url,
      auth: { kind: 'none' },
      requestTimeoutMs: policy.requestTimeoutMs,
      transientRetries: policy.transientRetries,
      maxResponseBytes: 100_000,
      retryWait: () => 0,
      time,
      ...options.transport,
    });
    onTestFinished(() => transport.close());
    this.ref = this.family.locate(
      url,
      options.collection ?? 'orders',
      options.key ?? keyOf(options),
    );
    this.context = {
      ...usualContext(this.family, transport),
      policy,
      time,
      random: seededRandom(options.seed ?? 1),
      stop: this.stop.signal,
      kill: this.kill.signal,
      onPhase: phase => this.phases.push(phase),
      turn: options.turn,
      ownWrites: new OwnWrites(),
      ...options.context,
    };
  }

  /** Runs one update; what is not given is as in the dialog's defaults. */
  update(part: RequestPart = {}): Promise<UpdateOutput> {
    return updateRecord(this.request(part), this.context);
  }

  request(part: RequestPart = {}): UpdateRequest {
    return checkRequest(this.input(part), this.family);
  }

  fetch(fields?: readonly string[]): Promise<Fetched> {
    return fetchRecord(this.ref, fields, this.context);
  }

  /** A snapshot as a message brings it. */
  snapshot(version: string, values: Fields): Snapshot {
    const { key, url } = this.ref;
    return { key, url, version, values, readAt: '2026-02-08T10:00:00.000Z' };
  }

  private input(part: RequestPart): UpdateRequestInput {
    return { ...USUAL_UPDATE, ref: this.ref, changes: { status: 'Done' }, ...part };
  }
}
