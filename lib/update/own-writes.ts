import { valueOf } from '../lifecycle/judge';
import type { Answer } from '../outcome/answer';
import type { OwnTransition, Snapshot } from '../record/snapshot';
import { parseHttpDate } from '../retry/http-date';

/** A write of ours that the API accepted. */
interface OwnWrite {
  /** Undefined: its answer named none. */
  readonly version: string | undefined;
  /** When the answer came: wall clock, milliseconds since the epoch. */
  readonly at: number;
  /** What it has done to the status, where the version is no other write's. */
  readonly transition: OwnTransition | undefined;
}

/** No cache that follows changes at all is behind for longer. */
const KEPT_MS = 600_000;

/** So many records are remembered in any case, and up to twice as many; the oldest writes go first. */
const REMEMBERED = 1_000;

/** The latest writes of one endpoint: whatever a cache shows of a record from before them is out of date. */
export class OwnWrites {
  /** Never taken out one by one, which would cost a visible share of a fast update: all go with their generation. */
  private latest = new Map<string, OwnWrite>();
  private before = new Map<string, OwnWrite>();

  /** @param url of the record */
  add(url: string, version: string | undefined, at: number, transition?: OwnTransition): void {
    this.latest.set(url, { version, at, transition });
    if (this.latest.size < REMEMBERED) return;
    this.before = this.latest;
    this.latest = new Map();
  }

  /**
   * Whether a cached answer may be older than the latest write of the record. Its Age tells (RFC 9111 section 5.1, whole
   * seconds); without one, any version but our own may be the one before.
   */
  mayBeNewerThan(answer: Answer, url: string, version: string, now: number): boolean {
    const write = this.find(url);
    if (write === undefined || write.version === version) return false;
    if (now - write.at > KEPT_MS) return false;
    const age = Number(answer.headers.age ?? Number.NaN);
    return Number.isNaN(age) || now - age * 1000 <= write.at;
  }

  /** The transition that a write of ours made, where a read shows the record as that has left it. */
  transitionTo({ url, version, values }: Snapshot): OwnTransition | undefined {
    const write = this.find(url);
    const transition = write?.version === version ? write.transition : undefined;
    // An API may have taken the write and left the status as it was.
    return transition && valueOf(values, transition.field) === transition.to
      ? transition
      : undefined;
  }

  private find(url: string): OwnWrite | undefined {
    return this.latest.get(url) ?? this.before.get(url);
  }
}

/**
 * Whether the version that a write was answered with is that of this very write. One that did not move with it was named
 * before it, and a time in whole seconds may be that of two.
 */
export function isOfThisWrite(version: string, sentOn: string | undefined): boolean {
  return version !== sentOn && parseHttpDate(version, 0) === undefined;
}
