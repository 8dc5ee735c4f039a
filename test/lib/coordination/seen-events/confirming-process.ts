import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInProcessSeenEvents } from '../../../../lib/coordination/in-process-seen-events';
import { systemTime } from '../../../../lib/retry/time';

/** Most are forgotten at once, so that the file is written anew again and again. */
const FLEETING = 4;

/**
 * Checks and confirms events with all its might. Writes a line to the standard output for each confirmed one: its id, or
 * `-` for one that is not remembered for long.
 */
export async function confirmForever(path: string): Promise<void> {
  const events = await createInProcessSeenEvents({
    time: systemTime,
    limit: 1_000_000,
    journal: path,
    onTrouble: trouble => {
      if (trouble !== undefined) writeSync(2, `${trouble.kind}: ${trouble.message}\n`);
    },
  });
  const work = async (): Promise<never> => {
    for (let i = 0; ; i++) {
      const id = randomUUID();
      const isFleeting = i % (FLEETING + 1) > 0;
      const checked = await events.check({
        id,
        windowMs: isFleeting ? 1 : 3_600_000,
        claimMs: 60_000,
      });
      if (!checked.first) throw new Error('an id came twice');
      const { saved } = await events.confirm(checked.claim);
      if (!saved) throw new Error('a confirmation was not saved');
      writeSync(1, isFleeting ? '-\n' : `${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 64 }, work));
}
