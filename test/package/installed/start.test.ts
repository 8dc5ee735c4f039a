// What npm start does once the package is installed: its screen, its lines, its end.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { injectsOf, loadExamples } from '../../../scripts/lib/examples.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { makeUserDir } from '../../support/node-red';

/** Those that are done in a moment. */
const FOLDER = 'orders/';
const examples = loadExamples().filter(({ name }) => name.startsWith(FOLDER));
const [FIRST] = examples;

let child: ChildProcess | undefined;
let url = '';
const lines: string[] = [];
let lineCame = (): void => undefined;
const userDir = makeUserDir();

beforeAll(async () => {
  child = fork(inRoot('test/support/show-examples.mjs'), [userDir.userDir, FOLDER], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (child.stdout === null) throw new Error('No output');
  createInterface({ input: child.stdout }).on('line', line => {
    lines.push(line);
    lineCame();
  });
  [url] = (await once(child, 'message')) as [string];
});
afterAll(() => {
  child?.kill('SIGKILL');
  userDir.remove();
});

/** Resolves with the first line, past or to come, that holds the text. */
async function lineWith(text: string, from = 0): Promise<string> {
  for (;;) {
    const found = lines.slice(from).find(line => line.includes(text));
    if (found !== undefined) return found;
    await new Promise<void>(resolve => (lineCame = resolve));
  }
}

async function getJson<T>(route: string): Promise<T> {
  return (await (await fetch(`${url}${route}`)).json()) as T;
}

it('names the address', async () => {
  expect(await lineWith('with these nodes')).toContain(`${url}/`);
});

it('has a tab per example, the first one first', async () => {
  const flows = await getJson<{ type: string; label: string }[]>('/flows');
  const labels = flows.filter(({ type }) => type === 'tab').map(({ label }) => label);
  expect(labels).toEqual(examples.map(({ label }) => label));
  expect(FIRST?.name).toMatch(/^orders\/01 - /);
});

it('has the debug sidebar show the open tab only', async () => {
  const settings = await getJson<{ debug: { filter: string } }>('/settings/user');
  expect(settings.debug.filter).toBe('filterCurrent');
});

it('runs each example once, and after that prints what is asked for', async () => {
  await lineWith(examples.at(-1)?.label ?? '');
  const rows = lines.filter(line => /^[a-z-]+\/\d\d /.test(line));
  expect(rows).toHaveLength(examples.length);
  expect(rows.filter(row => row.includes('nothing so far'))).toEqual([]);

  const told = lines.length;
  if (!FIRST) throw new Error('There is no example');
  const [inject] = injectsOf(FIRST);
  await fetch(`${url}/inject/${String(inject?.id)}`, { method: 'POST' });
  expect(await lineWith('orders/01', told)).toMatch(/^\d\d:\d\d:\d\d orders\/01 +\w/);
});

it('ends at Ctrl+C, with Node-RED', async () => {
  if (!child) throw new Error('Not started');
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow();
});
