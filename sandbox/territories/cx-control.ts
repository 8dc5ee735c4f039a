import type { Fields } from '../field-types';

/** What the territory API does beyond the records. Both numbers are 0 at first. */
export interface CxControl {
  /** After a record that was read has changed, this many reads of it are cache hits and outdated. */
  staleReads: number;
  /** This many repetitions of each new Idempotency-Key are told that the first is still in progress. */
  busyReplays: number;
  /** How often a stored answer was given to a repeated Idempotency-Key. */
  readonly replays: number;
}

export class Cx implements CxControl {
  busyReplays = 0;
  replays = 0;

  constructor(public staleReads: number) {}
}

/** Sets what is named. Throws on anything but whole numbers from 0 up. */
export function setCx(cx: CxControl, settings: Fields): void {
  for (const name of ['staleReads', 'busyReplays'] as const) {
    const { [name]: value = cx[name] } = settings;
    if (!Number.isSafeInteger(value) || Number(value) < 0) {
      throw new Error(`${name}: a whole number, 0 or more`);
    }
    cx[name] = Number(value);
  }
}
