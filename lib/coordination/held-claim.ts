/** A claim as the store remembers it. Times on the store's clock. */
export interface HeldClaim {
  readonly key: string;
  readonly token: string;
  readonly claimedAt: number;
  readonly endsAt: number;
  /** Key of the record whose target it may be the first of. */
  readonly record: string | undefined;
}
