import type { ScriptRunner } from './connection';
import { faultOf } from './faults';
import { script, type Script } from './script';

/** What a script does for each of several, by what it is given for each. */
interface ForEach {
  /** Lua, before all. The first key and the first argument are the same for all, `count` says how many they are. */
  readonly before: string;
  /** Names of the keys, and of the arguments, in `each`. */
  readonly keys: readonly string[];
  readonly args: readonly string[];
  /** Lua, the body of a function; what it returns is the answer for one. */
  readonly each: string;
}

/** So many at once: Redis serves nobody else meanwhile, and can begin with them while others are being made. */
const MOST = 32;

const FAILED = 'failed';

const ANSWER = `
  if not isDone then
    local words = type(answer) == 'table' and answer.err or tostring(answer)
    if string.find(words, 'READONLY', 1, true) then return redis.error_reply(words) end
    answer = {'${FAILED}', words}
  end
  answers[#answers + 1] = answer
`;

/**
 * What fails for one says so in its place, in two parts, and fails for nobody else. A server that may only be read refuses
 * all of it: that is for the connection.
 */
export function scriptForEach({ before, keys, args, each }: ForEach): Script {
  const given = (list: string, names: readonly string[]): string[] =>
    names.map((_, n) => `${list}[${String(names.length)} * i + ${String(n + 2)}]`);
  return script(`local count = (#KEYS - 1) / ${String(keys.length)}
${before}
local function one(${[...keys, ...args].join(', ')})
${each}
end
local answers = {}
for i = 0, count - 1 do
  local isDone, answer = pcall(one, ${[...given('KEYS', keys), ...given('ARGV', args)].join(', ')})
  ${ANSWER}
end
return answers
`);
}

interface Asking<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Asks a script for all that want it within one turn of the event loop: what it costs to ask, here and in Redis, is paid
 * once for them. All keys must lie together, and who may use some must be allowed to use all of them.
 */
export class Gathered<T> {
  private keys: string[];
  private args: (string | number)[];
  private asking: Asking<T>[] = [];

  /** @param read the answer for one */
  constructor(
    private readonly runner: Pick<ScriptRunner, 'prefix' | 'run'>,
    private readonly script: Script,
    private readonly firstKeys: readonly string[],
    private readonly firstArg: string,
    private readonly read: (answer: unknown) => T,
  ) {
    this.keys = [...firstKeys];
    this.args = [firstArg];
  }

  /** Throws as `run` of the connection does. */
  ask(keys: readonly string[], args: readonly (string | number)[]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.asking.length === 0) process.nextTick(this.send);
      this.keys.push(...keys);
      this.args.push(...args);
      this.asking.push({ resolve, reject });
      if (this.asking.length === MOST) this.send();
    });
  }

  private readonly send = (): void => {
    const { keys, args, asking } = this;
    if (asking.length === 0) return;
    this.keys = [...this.firstKeys];
    this.args = [this.firstArg];
    this.asking = [];
    this.runner
      .run(this.script, keys, args)
      .then(answers => {
        this.tell(asking, answers as readonly unknown[]);
      })
      .catch((error: unknown) => {
        // Also where an answer is none: nothing may be thrown where nobody would hear of it.
        for (const { reject } of asking) reject(error);
      });
  };

  private tell(asking: readonly Asking<T>[], answers: readonly unknown[]): void {
    asking.forEach(({ resolve, reject }, n) => {
      const answer = answers[n];
      if (Array.isArray(answer) && answer[0] === FAILED) {
        reject(faultOf(String(answer[1]), this.runner.prefix));
      } else resolve(this.read(answer));
    });
  }
}
