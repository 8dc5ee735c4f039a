/** On average; 1,000 events take 8 s. */
const MS_PER_EVENT = 8;
/** Signals come in bursts: one begins every 200 ms and lasts 60 ms. */
const BURST_EVERY_MS = 200;
const BUSY_SHARE = 0.3;

/**
 * When the signals of one work order are given among `count` events of all: whole milliseconds from
 * the start, increasing, spread over the whole time. `random` gives the n-th choice, in [0, 1).
 */
export function signalTimes(
  length: number,
  count: number,
  random: (n: number) => number,
): readonly number[] {
  const times: number[] = [];
  for (let n = 0; n < length; n += 1) {
    const even = ((n + random(n)) / length) * count * MS_PER_EVENT;
    times.push(Math.max(Math.floor(inBurst(even)), (times.at(-1) ?? -1) + 1));
  }
  return times;
}

/** Moves a time into its burst; what was earlier stays earlier. */
function inBurst(ms: number): number {
  const intoBurst = ms % BURST_EVERY_MS;
  return ms - intoBurst + intoBurst * BUSY_SHARE;
}
