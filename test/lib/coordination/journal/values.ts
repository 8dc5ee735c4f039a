import type { JournalOwner, Replayed } from '../../../../lib/coordination/journal/owner';

/** The simplest state to keep: values by name; an entry without a value removes one. */
export class Values implements JournalOwner {
  readonly values = new Map<string, unknown>();

  constructor(
    readonly kind = 'values',
    readonly version = 1,
  ) {}

  replay(entry: unknown): Replayed {
    const { name, value } = entry as { name?: string; value?: unknown };
    if (name === undefined) return 'unknown';
    if (value === undefined) this.values.delete(name);
    else this.values.set(name, value);
    return 'used';
  }

  *living(): Generator {
    for (const [name, value] of this.values) yield { name, value };
  }

  count(): number {
    return this.values.size;
  }
}
