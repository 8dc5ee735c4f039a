import { setOwn } from '../../record/fields';
import type { EventTimes } from './late';

/** Room for about 1,000 fields. It is read and written with every update of its record. */
const MOST_BYTES = 32_768;

/**
 * Event times as they are remembered. Names that keep changing must not fill the store: where they do, the older half is
 * forgotten, and from then on every field counts as set at the latest time that was. So an older value still never takes
 * the place of a newer one: what might do that is late, and told so.
 */
export function boundedText(times: EventTimes): string {
  let bounded = times;
  for (;;) {
    const text = JSON.stringify(bounded);
    if (Buffer.byteLength(text) <= MOST_BYTES) return text;
    bounded = newerHalf(bounded);
  }
}

function newerHalf(times: EventTimes): EventTimes {
  const all = timesWithin(times).sort((a, b) => a - b);
  const at = all[(all.length - 1) >> 1];
  // Objects without members say nothing.
  return at === undefined ? {} : { ...laterThan(at, times), at };
}

function timesWithin({ in: within = {} }: EventTimes): number[] {
  return Object.values(within).flatMap(each => [
    ...(each.at === undefined ? [] : [each.at]),
    ...timesWithin(each),
  ]);
}

function laterThan(time: number, { at, in: within = {} }: EventTimes): EventTimes | undefined {
  const later: Record<string, EventTimes> = {};
  for (const [name, each] of Object.entries(within)) {
    const kept = laterThan(time, each);
    if (kept !== undefined) setOwn(later, name, kept);
  }
  const isLater = at !== undefined && at > time;
  const holdsLater = Object.keys(later).length > 0;
  if (!isLater && !holdsLater) return undefined;
  return { ...(isLater && { at }), ...(holdsLater && { in: later }) };
}
