import type { Waiting } from './combine';
import type { PutResult } from './queue';

/**
 * Stores updates of one record, which came in that order. Answers of each, in that order; undefined: nothing was done of
 * several, of which some may be stored alone.
 */
type PutAll = (
  record: string,
  newer: readonly Waiting[],
) => Promise<readonly PutResult[] | undefined>;

interface Standing {
  readonly newer: Waiting;
  readonly resolve: (result: PutResult) => void;
  readonly reject: (error: unknown) => void;
}

/** More at once would hold up the store for others. Characters of their messages; one may be longer. */
const MOST = 64;
const MOST_LENGTH = 1_000_000;

/**
 * Updates of one record that come while another one of it is being stored wait for that, and then go together: each that
 * went alone would find what another one changed meanwhile, and begin again.
 */
export class PutLines {
  /** Those behind what is being stored. */
  private readonly lines = new Map<string, Standing[]>();

  constructor(private readonly putAll: PutAll) {}

  /** Rejects as storing does, for all that went together. */
  put(newer: Waiting): Promise<PutResult> {
    const { record } = newer.update;
    const line = this.lines.get(record);
    if (line === undefined) return this.first(record, newer);
    return new Promise((resolve, reject) => {
      line.push({ newer, resolve, reject });
    });
  }

  private async first(record: string, newer: Waiting): Promise<PutResult> {
    const line: Standing[] = [];
    this.lines.set(record, line);
    try {
      const results = await this.putAll(record, [newer]);
      return results?.[0] as PutResult;
    } finally {
      if (line.length === 0) this.lines.delete(record);
      else void this.others(record, line);
    }
  }

  private async others(record: string, line: Standing[]): Promise<void> {
    while (line.length > 0) await this.together(record, line.splice(0, countOf(line)));
    this.lines.delete(record);
  }

  private async together(record: string, some: readonly Standing[]): Promise<void> {
    try {
      const newer = some.map(each => each.newer);
      const results = await this.putAll(record, newer);
      if (results === undefined) await this.oneByOne(record, some);
      else
        some.forEach(({ resolve }, n) => {
          resolve(results[n] as PutResult);
        });
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  private async oneByOne(record: string, some: readonly Standing[]): Promise<void> {
    for (const { newer, resolve, reject } of some)
      await this.alone(record, newer).then(resolve, reject);
  }

  private async alone(record: string, newer: Waiting): Promise<PutResult> {
    const results = await this.putAll(record, [newer]);
    return results?.[0] as PutResult;
  }
}

/** How many of them go together. */
function countOf(line: readonly Standing[]): number {
  let length = 0;
  for (const [n, { newer }] of line.entries()) {
    length += newer.update.message.length;
    if (n === MOST || (n > 0 && length > MOST_LENGTH)) return n;
  }
  return line.length;
}
