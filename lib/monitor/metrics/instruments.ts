import { InputError } from '../../errors';
import type { EndedUpdate } from '../../outcome/ended-update';

/** Of what a number is told. Never a key of a record: each would be a series of its own. */
export interface EndpointLabels {
  readonly endpoint: string;
  readonly family: string;
}

/** Where numbers go. No call may throw. */
export interface Instruments {
  /** An update has ended, or a pass of a wired loop (outcome `retry`). */
  ended(labels: EndpointLabels, ended: EndedUpdate): void;
  /** A request to the API is over. @param ms from sending to the end of the answer, or of the waiting for it */
  requested(labels: EndpointLabels, kind: 'read' | 'write', ms: number): void;
  /** Somebody has asked for the lock of a record. @param ms until it was granted, or not */
  locked(labels: EndpointLabels, isGranted: boolean, ms: number): void;
}

/** An update-queue as it is now. */
export interface QueueNumbers {
  readonly store: string;
  readonly queue: string;
  readonly waiting: number;
  readonly inFlight: number;
  /** Of what waits longest, milliseconds; undefined: nothing waits. */
  readonly oldestAgeMs: number | undefined;
  /** Since the queue was made, by what became of them: accepted, merged, superseded, done, again, givenUp. */
  readonly updates: Readonly<Record<string, number>>;
}

/** Updates that wait for a person. */
export interface DeadLetterNumbers {
  readonly store: string;
  readonly list: string;
  readonly reason: string;
  readonly count: number;
}

/** What is asked for when somebody wants to know. Neither rejects: what cannot be asked is left out. */
export interface Sources {
  readonly queues: () => Promise<readonly QueueNumbers[]>;
  readonly deadLetters: () => Promise<readonly DeadLetterNumbers[]>;
}

/** Upper ends of the buckets of durations, seconds. */
export const DURATION_BOUNDS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const SECOND_MS = 1_000;

/** The optional package is not there. */
export function clientMissing(what: string, install: string, error: unknown): InputError {
  const [reason = ''] = error instanceof Error ? error.message.split('\n', 1) : [];
  return new InputError(
    'METRICS_CLIENT_MISSING',
    `The package for ${what} is not installed, or cannot be loaded (${reason}). In the Node-RED user directory run: npm install ${install} – then restart Node-RED.`,
  );
}
