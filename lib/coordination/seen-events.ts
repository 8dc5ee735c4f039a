/** An update counts as repeated when the same record was sent to the same status shortly before, whatever the event's id. */
export interface SameTarget {
  /** Names the record; unique across APIs where the flow needs that. */
  readonly record: string;
  readonly target: string;
  readonly windowMs: number;
}

export interface EventToCheck {
  /** Unique among all events of the store. */
  readonly id: string;
  /** How long a confirmed event is remembered. */
  readonly windowMs: number;
  /** How long a claim holds that is neither confirmed nor forgotten. */
  readonly claimMs: number;
  /** Undefined: only the id counts. */
  readonly same?: SameTarget;
}

/** The right to process an event, until it is confirmed, forgotten or has expired. Plain data: it travels in messages. */
export interface Claim extends Omit<EventToCheck, 'claimMs'> {
  readonly token: string;
}

export type CheckResult =
  | { readonly first: true; readonly claim: Claim }
  | {
      readonly first: false;
      /** The event that came first has not been confirmed: it may still fail and come again. */
      readonly pending: boolean;
      /** Wall clock, milliseconds since the epoch: when the event that came first was claimed. */
      readonly seenAt: number;
      /** What is the same: the id, or record and target status. */
      readonly by: 'id' | 'same-target';
    };

export interface Confirmation {
  /**
   * The claim was held, now or when it confirmed the event before. False: it had expired or was another process's. The
   * event is remembered all the same.
   */
  readonly inTime: boolean;
  /** False: remembered in memory only, because it could not be written. */
  readonly saved: boolean;
}

/**
 * Events that were processed or are being processed: each is handed out once within its window. A duplicate never
 * extends a claim or a window. Memory is bounded: of confirmed events the oldest go first.
 */
export interface SeenEvents {
  /**
   * Throws InputError `EVENT_STORE_FULL` when unconfirmed claims alone fill the store, `STORE_IN_USE` while another
   * process has it.
   */
  check(event: EventToCheck): Promise<CheckResult>;
  /** Resolves once the event is remembered for good. Safe to call again. */
  confirm(claim: Claim): Promise<Confirmation>;
  /** The event may come again at once; false where the claim is not held any more. */
  forget(claim: Claim): Promise<boolean>;
  /** Writes what is under way and lets go of the file. */
  close(): Promise<void>;
}
