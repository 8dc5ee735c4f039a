import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInProcessSeenEvents } from '../../../../lib/coordination/in-process-seen-events';
import { systemTime } from '../../../../lib/retry/time';
import { storeFile } from '../journal/store-files';
import { confirmForever } from './confirming-process';

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seen-kill-'));
  program = join(folder, 'confirming-process.cjs');
  const { name } = confirmForever;
  const contents = `import { ${name} } from './confirming-process'; void ${name}(process.argv[2]);`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  await build({ stdin, outfile: program, bundle: true, platform: 'node', format: 'cjs' });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Lets the process confirm events until it has told of so many, then kills it. Returns all ids it told of. */
async function confirmUntilKilled(journal: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, journal], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let count = 0;
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
    count += text.split('\n').length - 1;
    if (count >= lines) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

it('kill -9 while confirming under load: every confirmation that was acknowledged is remembered', async () => {
  const journal = join(folder, 'seen.jsonl');
  const ids: string[] = [];
  let total = 0;
  for (const lines of [1, 3000, 13_000, 16_000, 500]) {
    const told = await confirmUntilKilled(journal, lines);
    total += told.length;
    ids.push(...told.filter(line => line !== '-'));
  }
  // Otherwise the file would never have been written anew, and no kill could have come then.
  expect((await readFile(storeFile(journal), 'latin1')).split('\n').length).toBeLessThan(total);

  const events = await createInProcessSeenEvents({
    time: systemTime,
    limit: 1_000_000,
    journal,
    onTrouble: trouble => expect(trouble?.kind).toBe('truncated'),
  });
  const lost: string[] = [];
  for (const id of ids) {
    const checked = await events.check({ id, windowMs: 1, claimMs: 1 });
    if (checked.first || checked.pending) lost.push(id);
  }
  await events.close();
  expect(lost).toEqual([]);
});
