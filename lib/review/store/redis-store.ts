import { boundedUtf8Key } from '../../coordination/bounded-key';
import type { ScriptRunner } from '../../coordination/redis/connection';
import { StoreUnavailable } from '../../coordination/redis/faults';
import type { Script } from '../../coordination/redis/script';
import { InputError } from '../../errors';
import { GET, HEADS, LETTERS_FORMAT, LETTERS_KEYS, PUT } from './scripts';
import type {
  DeadLetterStore,
  HeadPage,
  StoredText,
  StorePlace,
  StoreAnswer,
  StoreChange,
} from './store';

export interface RedisDeadLettersOptions {
  readonly runner: ScriptRunner & { readonly isDurable: boolean };
  /** Lists of the same name are one list, in whatever process. */
  readonly name: string;
}

/**
 * Dead letters that all processes on one Redis share. Where that is full, what would add rejects with InputError
 * `STORE_MEMORY_FULL`. In an outage everything rejects with StoreUnavailable.
 */
export function createRedisDeadLetters(options: RedisDeadLettersOptions): DeadLetterStore {
  return new RedisDeadLetters(options);
}

/** Asked so often before an outage counts as one. */
const TRIES = 2;

/** Of one script; Redis serves nobody else meanwhile. */
const MOST_HEADS = 1_000;

type Value = string | number | null;

class RedisDeadLetters implements DeadLetterStore {
  private readonly runner: RedisDeadLettersOptions['runner'];
  private readonly keys: readonly string[];

  constructor({ runner, name }: RedisDeadLettersOptions) {
    this.runner = runner;
    const start = `${runner.prefix}letters:${boundedUtf8Key(name)}:`;
    this.keys = LETTERS_KEYS.map(key => start + key);
  }

  get isDurable(): boolean {
    return this.runner.isDurable;
  }

  async get(id: string): Promise<StoredText> {
    return storedOf(await this.ask(GET, [id]));
  }

  async put(change: StoreChange): Promise<StoreAnswer> {
    const { id, revision, text, head, limits } = change;
    const most = limits === undefined ? '- -' : `${limits.entries} ${limits.bytes}`;
    const args = [id, revision, text === undefined ? 1 : 0, most, head, text ?? ''];
    const answer = await this.ask(PUT, args);
    switch (answer[0]) {
      case 'changed':
        return {
          kind: 'changed',
          revision: Number(answer[2]),
          saved: this.isDurable,
          now: Number(answer[1]),
        };
      case 'full':
        return { kind: 'full' };
      default:
        return this.moved(change, storedOf(answer));
    }
  }

  async heads(after: StorePlace | undefined, most: number): Promise<HeadPage> {
    const { born, upTo, floor } = after ?? { born: '-', upTo: 0, floor: 0 };
    const answer = await this.ask(HEADS, [born, upTo, Math.min(most, MOST_HEADS), floor]);
    const [, now, bornNow, last, isAnew, entries, bytes, isMore, list, seen] = answer;
    const parts = list as unknown as readonly Value[];
    const heads: HeadPage['heads'][number][] = [];
    for (let i = 0; i < parts.length; i += 3) {
      const head = parts[i + 2] ?? undefined;
      heads.push({
        id: String(parts[i]),
        revision: Number(parts[i + 1]),
        head: head === undefined ? undefined : String(head),
      });
    }
    return {
      heads,
      isAnew: isAnew === 1,
      isMore: isMore === 1,
      place: { upTo: Number(last), floor: Number(seen), born: String(bornNow) },
      entries: Number(entries),
      bytes: Number(bytes),
      now: Number(now),
    };
  }

  async close(): Promise<void> {
    // The connection is the store's.
    return Promise.resolve();
  }

  /** What is there may be the very change, whose answer was lost: no text is ever written twice. */
  private moved({ text, revision }: StoreChange, kept: StoredText): StoreAnswer {
    const isDone = kept.text === text && revision !== kept.revision;
    if (!isDone) return { kind: 'moved', kept };
    return { kind: 'changed', revision: kept.revision, saved: this.isDurable, now: kept.now };
  }

  private async ask(script: Script, args: readonly (string | number)[]): Promise<readonly Value[]> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = (await this.runner.run(script, this.keys, args)) as readonly Value[];
        if (answer[0] === 'format') throw this.otherFormat(answer[1]);
        return answer;
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || tries >= TRIES) throw error;
      }
    }
  }

  private otherFormat(format: unknown): InputError {
    return new InputError(
      'STORE_VERSION_NEWER',
      `A later version of this package wrote the dead letters in Redis at ${String(this.keys[0])} (format ${String(format)}, this version knows ${LETTERS_FORMAT}). They were left as they are. Update the package in this Node-RED, or choose another list name.`,
    );
  }
}

/** @param answer kind · now · revision · text */
function storedOf(answer: readonly Value[]): StoredText {
  const [, now, revision, text] = answer;
  return {
    revision: Number(revision),
    text: typeof text === 'string' ? text : undefined,
    now: Number(now),
  };
}
