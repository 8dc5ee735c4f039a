import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { claim } from '../../scripts/lib/claim.mjs';
import { makeTempDir } from '../../scripts/lib/temp.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';

/** Stands for the folder of a clone. */
function clone(): string {
  const temp = makeTempDir('claim');
  onTestFinished(() => temp.remove());
  return temp.dir;
}

it('tells a second one the words of the first, as they are then', async () => {
  const root = clone();
  let words = 'It is not ready yet.';
  const release = await claim('test', () => words, root);
  onTestFinished(release);
  words = 'It is ready.';
  await expect(claim('test', () => 'second', root)).rejects.toThrow('It is ready.');
});

it('lets the next one in when it is released', async () => {
  const root = clone();
  (await claim('test', () => 'first', root))();
  (await claim('test', () => 'second', root))();
});

it('holds for one purpose in one clone', async () => {
  const [root, other] = [clone(), clone()];
  onTestFinished(await claim('test', () => 'first', root));
  onTestFinished(await claim('else', () => 'second', root));
  onTestFinished(await claim('test', () => 'third', other));
});

it('does not outlive a process that was killed', async () => {
  const root = clone();
  const holder = fork(inRoot('test/scripts/claiming-process.mjs'), [root]);
  await once(holder, 'message');
  await expect(claim('test', () => 'second', root)).rejects.toThrow('held by the process');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  (await claim('test', () => 'second', root))();
});
