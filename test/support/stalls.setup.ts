import { promisify } from 'node:util';

/**
 * On a busy computer a process stands still for a second now and then, and every timer that became due meanwhile fires
 * before it reads what has arrived: a time-out of a second strikes although the answer is there. What fires so late
 * waits a little longer here, in its order, so that what has arrived goes first. A faster clock or one of a test's own
 * (`vi.useFakeTimers`) takes the place of this.
 */
const STOOD_STILL_MS = 100;
const LONGER_MS = 100;

const REAL = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
const now = performance.now.bind(performance);

/** Those that wait longer, by the timer that is known of them. */
const longer = new WeakMap<object, NodeJS.Timeout>();

function patientTimer(run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) {
  let dueAt = now() + ms;
  const timer = REAL.setTimeout(() => {
    if (now() - dueAt < STOOD_STILL_MS) run(...args);
    else longer.set(timer, REAL.setTimeout(run, LONGER_MS, ...args));
  }, ms);
  const refresh = timer.refresh.bind(timer);
  timer.refresh = () => {
    dueAt = now() + ms;
    return refresh();
  };
  return timer;
}

function clear(timer?: NodeJS.Timeout | string | number): void {
  REAL.clearTimeout(timer);
  if (typeof timer === 'object') REAL.clearTimeout(longer.get(timer));
}

// Once for all files of a process.
if (REAL.setTimeout.name !== patientTimer.name) {
  const promised = { value: promisify(REAL.setTimeout) };
  Object.defineProperty(patientTimer, promisify.custom, promised);
  Object.assign(globalThis, { setTimeout: patientTimer, clearTimeout: clear });
}
