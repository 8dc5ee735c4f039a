/**
 * What became of an entry of an earlier run. `corrected`: used, but not as it was written, so the file is written anew.
 * `unknown`: it cannot be used.
 */
export type Replayed = 'used' | 'corrected' | 'unknown';

/** Whoever keeps a state in a journal. The state in memory is what counts, the file is its durable copy. */
export interface JournalOwner {
  /** A word for what the file holds; a file of another kind is not touched. */
  readonly kind: string;
  /** Of the form of the entries, counted up from 1; a file of a later version is not touched. */
  readonly version: number;
  /** How many more entries than are wanted its file may hold besides; undefined: as many as small ones may be. */
  readonly spareEntries?: number;
  /** A file is about to be read from its beginning, perhaps not for the first time: reading may fail. */
  onLoading?(): void;
  /** Takes an entry of an earlier run, oldest first. */
  replay(entry: unknown): Replayed;
  /** All of a file that has entries was read. Not the first time: another process had the file meanwhile. */
  onLoaded?(): void;
  /**
   * The entries that make up the state now. Read bit by bit while the state changes: each change must be part of the
   * state before its entry is appended, and an entry may be replayed that the state already holds.
   */
  living(): Iterable<unknown>;
  /** How many entries `living` yields. */
  count(): number;
}
