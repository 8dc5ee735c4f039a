import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
} from '../../../../lib/coordination/in-process-seen-events';
import type { Claim, EventToCheck } from '../../../../lib/coordination/seen-events';
import { FakeTime } from '../fake-time';
import { storeFile } from '../journal/store-files';
import { Model } from './model';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seen-model-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

type Step =
  | { readonly do: 'check'; readonly event: EventToCheck }
  | { readonly do: 'confirm' | 'forget'; readonly which: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'set clock'; readonly ms: number }
  | { readonly do: 'restart' };

const windowMs = fc.constantFrom(100, 300, 2000);

const event: fc.Arbitrary<EventToCheck> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    windowMs,
    claimMs: windowMs,
    same: fc.option(
      fc.record({ record: fc.constantFrom('r', 's'), target: fc.constantFrom('T', 'U'), windowMs }),
      { nil: undefined },
    ),
  })
  .map(({ same, ...rest }) => ({ ...rest, ...(same && { same }) }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('check'), event }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('confirm', 'forget'), which: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(100, 200, 900) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set clock'),
      ms: fc.integer({ min: -5000, max: 5000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

async function open(time: FakeTime, journal: string): Promise<InProcessSeenEvents> {
  const { setTimer } = time;
  const onTrouble = (trouble: unknown): void => expect(trouble).toBeUndefined();
  return createInProcessSeenEvents({ time, setTimer, journal, limit: 100, onTrouble });
}

async function run(steps: readonly Step[]): Promise<void> {
  // The clock is not set before a restart: what then comes from the file goes by the clock.
  const setsClock = steps.some(step => step.do === 'set clock');
  const time = new FakeTime();
  const journal = join(folder, `${files++}.jsonl`);
  const run = new Run(time, journal, await open(time, journal));
  for (const step of steps) {
    if (step.do === 'restart' && setsClock) continue;
    await run.step(step);
    run.expectBounded();
  }
  await run.close();
}

/** Does the same to the store and to the model. */
class Run {
  private readonly model = new Model();
  private readonly claims: Claim[] = [];

  constructor(
    private readonly time: FakeTime,
    private readonly journal: string,
    private events: InProcessSeenEvents,
  ) {}

  async close(): Promise<void> {
    await this.events.close();
    await rm(storeFile(this.journal));
  }

  async step(step: Step): Promise<void> {
    const now = this.time.monotonic();
    switch (step.do) {
      case 'check':
        await this.check(step.event);
        break;
      case 'confirm':
      case 'forget':
        await this.end(step.do, this.claims.at(-1 - step.which));
        break;
      case 'pass':
        this.time.pass(step.ms);
        break;
      case 'set clock':
        this.time.setWall(this.time.now() + step.ms);
        break;
      case 'restart':
        await this.events.close();
        this.events = await open(this.time, this.journal);
        this.model.restart(now);
    }
  }

  private async check(event: EventToCheck): Promise<void> {
    const now = this.time.monotonic();
    const expected = this.model.check(event, now);
    const result = await this.events.check(event);
    if (result.first) {
      expect(expected).toBe('first');
      this.claims.push(result.claim);
      this.model.claimed(event, result.claim.token, now);
      return;
    }
    // The model has the time that passes only.
    const seenAt = result.seenAt - this.time.now() + now;
    expect({ ...result, seenAt }).toEqual(expected);
  }

  private async end(how: 'confirm' | 'forget', claim: Claim | undefined): Promise<void> {
    if (claim === undefined) return;
    const now = this.time.monotonic();
    if (how === 'forget') {
      expect(await this.events.forget(claim)).toBe(this.model.forget(claim, now));
      return;
    }
    const inTime = this.model.confirm(claim, now);
    expect(await this.events.confirm(claim)).toEqual({ inTime, saved: true });
  }

  /** Nothing that counts is missing; what has ended is gone a second later. */
  expectBounded(): void {
    expect(this.events.size).toBeGreaterThanOrEqual(this.model.size(this.time.monotonic()));
    // One for what ends next, one to look who holds the file.
    expect(this.time.timerCount).toBeLessThanOrEqual(2);
  }
}

it('answers as the model does, whatever comes in whatever order, over restarts and settings of the clock', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 200 });
});
