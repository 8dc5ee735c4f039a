import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/** Fails a test after which a promise was rejected that nobody caught: it would end Node-RED. */
export function nothingUnhandled(): void {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  beforeAll(() => void process.on('unhandledRejection', onUnhandled));
  afterAll(() => void process.off('unhandledRejection', onUnhandled));
  afterEach(() => {
    expect(unhandled.splice(0)).toEqual([]);
  });
}
