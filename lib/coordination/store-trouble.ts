/** Why what is remembered is less safe than it should be. */
export interface StoreTrouble {
  /**
   * `truncated`: the file ended in the middle of an entry. `damaged`: entries in its middle cannot be read. `foreign`:
   * it is no file of ours. `unwritable`: nothing can be written now. `in-use`: another process holds the file, and
   * everything is refused. `full`: the oldest ids went before their time.
   */
  readonly kind: 'truncated' | 'damaged' | 'foreign' | 'unwritable' | 'in-use' | 'full';
  /** For people: what happened, where what the file held is kept aside, and what to do. */
  readonly message: string;
  /** The same apart from the words, for whoever says it in another language. */
  readonly said: {
    readonly text: TroubleText;
    readonly values: Readonly<Record<string, string | number>>;
  };
}

/** What the message says. The values of `foreign-kind` name what the file holds and what it should hold. */
type TroubleText =
  | 'truncated'
  | 'damaged'
  | 'empty'
  | 'altered'
  | 'foreign-start'
  | 'foreign-kind'
  | 'foreign-version'
  | 'unwritable'
  | 'in-use'
  | 'in-use-unnamed'
  | 'unshrinkable'
  | 'full'
  | 'no-user-dir';
