import { EventEmitter } from 'node:events';
import type { Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { afterDeploy } from '../../nodes/shared/deploys';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A runtime whose deploys go step by step, and what becomes of requests meanwhile. */
function runtime() {
  const events = new EventEmitter();
  const handler = afterDeploy({ events });
  return {
    step: (...names: readonly string[]): void => {
      for (const name of names) events.emit(`flows:${name}`, { type: 'nodes' });
    },
    /** @returns whether the request goes on within that time */
    passesWithin: async (ms: number): Promise<boolean> => {
      let passed = false;
      void handler({} as Request, {} as Response, () => (passed = true));
      await vi.advanceTimersByTimeAsync(ms);
      return passed;
    },
  };
}

describe('a request that looks for deployed nodes', () => {
  it('goes on at once where nothing is deployed', async () => {
    expect(await runtime().passesWithin(0)).toBe(true);
  });

  it.each([
    ['while nodes are closed', ['stopping']],
    ['between stop and start, when Node-RED has answered who deployed', ['stopping', 'stopped']],
    ['while nodes are made', ['stopping', 'stopped', 'starting']],
    ['while the first ones are made', ['starting']],
  ])('waits %s', async (_, steps) => {
    const { step, passesWithin } = runtime();
    step(...steps);
    expect(await passesWithin(1_000)).toBe(false);
    step('started');
    expect(await passesWithin(0)).toBe(true);
  });

  it('goes on as soon as the nodes are there', async () => {
    const events = new EventEmitter();
    const handler = afterDeploy({ events });
    events.emit('flows:stopping', { type: 'full' });
    const passed = new Promise<void>(resolve => {
      void handler({} as Request, {} as Response, () => {
        resolve();
      });
    });
    events.emit('flows:stopped');
    events.emit('flows:starting');
    events.emit('flows:started');
    await passed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for a start that does not come', async () => {
    const { step, passesWithin } = runtime();
    step('stopping', 'stopped');
    expect(await passesWithin(2_000)).toBe(true);
    expect(await passesWithin(0)).toBe(true);
  });

  it('does not wait for ever for a node that does not close', async () => {
    const { step, passesWithin } = runtime();
    step('stopping');
    expect(await passesWithin(19_999)).toBe(false);
    expect(await passesWithin(1)).toBe(true);
  });

  it('waits in the next deploy as in the first one', async () => {
    const { step, passesWithin } = runtime();
    step('stopping', 'stopped', 'starting', 'started', 'stopping');
    expect(await passesWithin(1_000)).toBe(false);
    step('stopped', 'starting', 'started');
    expect(await passesWithin(0)).toBe(true);
  });
});
