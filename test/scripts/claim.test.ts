import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
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

/** A fresh clone, as far as the scripts go, in which another process installs or builds. */
async function preparedElsewhere(): Promise<string> {
  const root = realpathSync(clone());
  for (const part of ['scripts', 'package.json', 'package-lock.json', '.npmrc']) {
    cpSync(inRoot(part), path.join(root, part), { recursive: true });
  }
  onTestFinished(await claim('prepare', () => 'It is being prepared.', root));
  return root;
}

/** What a program of Node.js printed, and how it ended. */
async function run(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, output: output + errors };
}

it.each([
  ['npm test', 'test.mjs'],
  ['npm test -- NAME', 'test.mjs', 'claim'],
  ['npm start -- --check', 'start.mjs', '--check'],
  ['npm run bench', 'bench.mjs'],
  ['npm run test:matrix', 'matrix.mjs'],
  ['npm run screenshots', 'screenshots.mjs'],
])('%s installs nothing while another process does', async (_name, script, ...args) => {
  const root = await preparedElsewhere();
  const { code, output } = await run(path.join(root, 'scripts', script), ...args);
  expect(output).toContain('It is being prepared.');
  expect(output).not.toContain('Installing');
  expect(code).toBe(1);
});

it('builds nothing while another process does', async () => {
  const build = path.join(await preparedElsewhere(), 'scripts/lib/build.mjs');
  const code = `(await import(${JSON.stringify(pathToFileURL(build).href)})).ensureBuilt()`;
  const { output } = await run('--input-type=module', '-e', `await ${code}`);
  expect(output).toContain('It is being prepared.');
  expect(output).not.toContain('Building');
});
