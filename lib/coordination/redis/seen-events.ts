import { randomUUID } from 'node:crypto';
import { boundedUtf8Key } from '../bounded-key';
import type { CheckResult, Claim, Confirmation, EventToCheck, SeenEvents } from '../seen-events';
import type { ScriptRunner } from './connection';
import { StoreUnavailable } from './faults';
import type { Script } from './script';
import { CHECK, CONFIRM, FORGET } from './seen-scripts';

/** Asked so often before an outage counts as one. Whoever asks again with the same token gets the same answer. */
const TRIES = 2;

/**
 * Seen events that all processes on one Redis share. Memory is bounded by the windows and by Redis itself: where that is
 * full, `check` rejects with InputError `STORE_MEMORY_FULL`. In an outage everything rejects with StoreUnavailable: an
 * event that cannot be checked is not let through.
 */
export function createRedisSeenEvents(runner: ScriptRunner): SeenEvents {
  return new Events(runner);
}

class Events implements SeenEvents {
  constructor(private readonly runner: ScriptRunner) {}

  async check({ id, windowMs, claimMs, same }: EventToCheck): Promise<CheckResult> {
    checkDuration('windowMs', windowMs);
    checkDuration('claimMs', claimMs);
    checkDuration('same.windowMs', same?.windowMs ?? claimMs);
    const token = randomUUID();
    const event = this.eventKey(id);
    const target = same === undefined ? event : this.targetKey(same.record);
    const args = same === undefined ? [] : [boundedUtf8Key(same.target), whole(same.windowMs)];
    const answer = await this.run(CHECK, [event, target], [token, whole(claimMs), ...args]);
    const [by, pending, seenAt] = answer as CheckAnswer;
    if (by !== 'first') return { first: false, by, pending: pending === 1, seenAt: Number(seenAt) };
    return { first: true, claim: { id, windowMs, token, ...(same && { same }) } };
  }

  async confirm({ id, windowMs, token }: Claim): Promise<Confirmation> {
    checkDuration('windowMs', windowMs);
    const answer = await this.run(CONFIRM, [this.eventKey(id)], [token, whole(windowMs)]);
    return { inTime: answer === 1, saved: true };
  }

  async forget({ id, token }: Claim): Promise<boolean> {
    return (await this.run(FORGET, [this.eventKey(id)], [token])) === 1;
  }

  async close(): Promise<void> {
    // The connection is the store's.
    return Promise.resolve();
  }

  private async run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.runner.run(script, keys, args);
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || tries >= TRIES) throw error;
      }
    }
  }

  private eventKey(id: string): string {
    return `${this.runner.prefix}event:${boundedUtf8Key(id)}`;
  }

  private targetKey(record: string): string {
    return `${this.runner.prefix}target:${boundedUtf8Key(record)}`;
  }
}

type CheckAnswer = [
  by: 'first' | 'id' | 'same-target',
  pending: number | undefined,
  seenAt: string | undefined,
];

function whole(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}

function checkDuration(name: string, ms: number): void {
  if (!(ms > 0 && ms < Infinity)) throw new RangeError(`${name} must be above 0 ms, not ${ms}`);
}
