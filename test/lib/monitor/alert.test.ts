import { describe, expect, it } from 'vitest';
import {
  measured,
  nextAlert,
  QUIET,
  type AlertRule,
  type AlertState,
} from '../../../lib/monitor/alert';
import { createInProcessCounters } from '../../../lib/monitor/in-process-counters';
import { createMonitor, type Monitor } from '../../../lib/monitor/monitor';
import { FakeTime } from '../coordination/fake-time';
import { conflict, ended, noisy } from './ended';

const MINUTE = 60_000;
const RATE: AlertRule = {
  kind: 'conflict-rate',
  threshold: 0.25,
  clearAt: 0.15,
  windowMinutes: 5,
  forMs: 5 * MINUTE,
  least: 20,
};

/** A monitor on a fake clock, and an alert that looks at it every ten seconds. */
class Play {
  readonly time = new FakeTime(Date.UTC(2026, 10, 21, 6));
  readonly changes: string[] = [];
  private state: AlertState = QUIET;
  private readonly monitor: Monitor;

  constructor(private readonly rule: AlertRule) {
    const { setTimer, time } = { setTimer: this.time.setTimer, time: this.time };
    const store = createInProcessCounters({ time, run: 'test', onTrouble: () => undefined });
    this.monitor = createMonitor({ time, setTimer, store: () => store });
  }

  /** Minutes with so many updates in each, of which so many meet noise and so many a conflict. */
  minutes(count: number, updates: number, noise: number, conflicts = 0): void {
    for (let minute = 0; minute < count; minute++) {
      for (let i = 0; i < updates; i++) {
        this.monitor.add(i < noise ? noisy() : i < noise + conflicts ? conflict() : ended());
      }
      for (let look = 0; look < 6; look++) {
        this.time.pass(10_000);
        this.look();
      }
    }
  }

  private look(): void {
    const { rule, time } = this;
    const seen = measured(rule.kind, this.monitor.recent(rule.windowMinutes));
    const before = this.state.kind;
    this.state = nextAlert(this.state, rule, seen, time.now());
    if (before !== this.state.kind) {
      this.changes.push(`${this.state.kind} at ${String(time.monotonic() / 1000)} s`);
    }
  }
}

describe('an alert of the conflict rate: more than 25 % for 5 minutes', () => {
  it('is raised after 5 minutes, and not before', () => {
    const play = new Play(RATE);
    play.minutes(10, 10, 3);
    // 20 updates are there in the second minute only.
    expect(play.changes).toEqual(['pending at 70 s', 'raised at 370 s']);
  });

  it('25 % is not more than 25 %', () => {
    const play = new Play(RATE);
    play.minutes(20, 20, 5);
    expect(play.changes).toEqual([]);
  });

  it('one of four updates is none, nor are all of them', () => {
    const play = new Play(RATE);
    play.minutes(30, 4, 4);
    // 5 minutes of 4 are 20 in the window, which is the least; as a minute begins there are 16, and that decides nothing.
    expect(play.changes).toEqual(['pending at 250 s', 'raised at 550 s']);
    const fewer = new Play(RATE);
    fewer.minutes(30, 3, 3);
    expect(fewer.changes).toEqual([]);
  });

  it('a burst of one minute is none', () => {
    const play = new Play(RATE);
    play.minutes(1, 100, 100);
    play.minutes(10, 0, 0);
    expect(play.changes.at(-1)).toMatch(/^quiet/);
    expect(play.changes.filter(change => change.startsWith('raised'))).toEqual([]);
  });

  it('ends below the clearing threshold only', () => {
    const play = new Play(RATE);
    play.minutes(8, 20, 8);
    expect(play.changes.at(-1)).toMatch(/^raised/);
    play.minutes(20, 20, 4); // 20 %: neither beyond the one nor below the other
    expect(play.changes.at(-1)).toMatch(/^raised/);
    play.minutes(6, 20, 3); // 15 %
    expect(play.changes.at(-1)).toMatch(/^quiet/);
  });

  it('ends when nothing is left that it was about', () => {
    const play = new Play(RATE);
    play.minutes(8, 20, 8);
    play.minutes(5, 0, 0);
    expect(play.changes.at(-1)).toMatch(/^quiet/);
  });

  it('waits no longer when the clock is set back', () => {
    const pending: AlertState = { kind: 'pending', since: 10 * MINUTE };
    const seen = { value: 1, of: 100 };
    const state = nextAlert(pending, RATE, seen, 2 * MINUTE);
    expect(state).toEqual({ kind: 'pending', since: 2 * MINUTE });
  });
});

it('more than 5 permanent conflicts in an hour raise at once, and 3 end it', () => {
  const rule: AlertRule = {
    kind: 'permanent',
    threshold: 5,
    clearAt: 3,
    windowMinutes: 60,
    forMs: 0,
    least: 1,
  };
  const play = new Play(rule);
  play.minutes(5, 1, 0, 1);
  expect(play.changes).toEqual([]);
  play.minutes(1, 1, 0, 1);
  expect(play.changes).toEqual(['raised at 310 s']);
  play.minutes(56, 1, 0, 0);
  // After an hour the first three have left the window.
  expect(play.changes).toEqual(['raised at 310 s', 'quiet at 3720 s']);
});

it('less than 90 % of what is tried again succeeds', () => {
  const rule: AlertRule = {
    kind: 'retry-success',
    threshold: 0.9,
    clearAt: 0.95,
    windowMinutes: 60,
    forMs: 0,
    least: 10,
  };
  const rate = (done: number, failed: number): AlertState => {
    const retried = done + failed;
    return nextAlert(QUIET, rule, { value: done / retried, of: retried }, 0);
  };
  expect(rate(9, 1).kind).toBe('quiet');
  expect(rate(17, 3).kind).toBe('raised');
  expect(rate(7, 2).kind).toBe('quiet'); // too few
  const raised: AlertState = { kind: 'raised', since: 0 };
  expect(nextAlert(raised, rule, { value: 0.94, of: 100 }, 1).kind).toBe('raised');
  expect(nextAlert(raised, rule, { value: 0.95, of: 100 }, 1).kind).toBe('quiet');
});
