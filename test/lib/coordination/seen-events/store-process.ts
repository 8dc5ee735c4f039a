import { createInterface } from 'node:readline';
import { thisMachine } from '../../../../lib/coordination/journal/holder';
import { InputError } from '../../../../lib/errors';
import { createInProcessSeenEvents } from '../../../../lib/coordination/in-process-seen-events';
import { setUnrefTimer } from '../../../../lib/retry/time';

/**
 * A process with a store. Each line of the standard input is an event id to check and confirm, or `end`. Writes what came
 * of it, and `trouble …` whenever that changes.
 * @param sight `unseen`: as in a container of its own, which sees no process of another one
 * @param speed how much faster its clock goes
 */
export async function serveStore(path: string, sight: string, speed: number): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const unseen = { ...thisMachine, isRunning: () => Promise.resolve(undefined) };
  // Nothing else keeps a process running that waits for an answer.
  setInterval(() => undefined, 2 ** 30);
  const events = await createInProcessSeenEvents({
    time: { now: () => Date.now(), monotonic: () => performance.now() * speed },
    setTimer: (callback, ms) => setUnrefTimer(callback, ms / speed),
    limit: 1000,
    journal: path,
    machine: sight === 'unseen' ? unseen : thisMachine,
    onTrouble: trouble => {
      say(`trouble ${trouble?.kind ?? 'none'} ${trouble?.message ?? ''}`);
    },
  });
  const pass = async (id: string): Promise<string> => {
    const checked = await events.check({ id, windowMs: 3_600_000_000, claimMs: 3_600_000_000 });
    if (!checked.first) return 'duplicate';
    const { saved } = await events.confirm(checked.claim);
    return saved ? 'saved' : 'not saved';
  };
  say('open');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') break;
    const result = await pass(line).catch((error: unknown) =>
      error instanceof InputError ? error.code : String(error),
    );
    say(`${line}: ${result}`);
  }
  await events.close();
  say('closed');
  process.exit();
}
