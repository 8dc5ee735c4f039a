// The layout of Node-RED's container image, without a container: Node-RED and the package in a folder that nobody may
// write, and a user directory elsewhere.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { freePort } from '../../../scripts/lib/free-port.mjs';
import { inRoot, readJson, readManifest } from '../../../scripts/lib/root.mjs';
import { makeTempDir } from '../../../scripts/lib/temp.mjs';
import { answerTo, EVENT_FLOWS } from '../../support/events-by-http';
import { blocksOf } from '../../support/pages';

const NAME = readManifest().name;
/** Who runs Node-RED in the image; root may write everywhere, whatever the rights are. */
const USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : undefined;

let place: { readonly app: string; readonly data: string };

beforeAll(() => {
  const temp = makeTempDir('container');
  const { dir } = temp;
  const app = path.join(dir, 'usr/src/node-red');
  const data = path.join(dir, 'data');
  mkdirSync(app, { recursive: true });
  mkdirSync(data);
  copyNodeRed(app);
  copyPackage(app);
  place = { app, data };
  writeFileSync(path.join(data, 'flows.json'), JSON.stringify(EVENT_FLOWS));
  writeFileSync(path.join(data, 'settings.js'), SETTINGS);
  handOver(dir, data);
  forbidWriting(app);
  return () => {
    allowWriting(app);
    temp.remove();
  };
});

/** Nothing of it leaves this computer. */
const SETTINGS = `module.exports = {
  uiPort: Number(process.env.PORT),
  uiHost: '127.0.0.1',
  telemetry: { enabled: false },
};`;

/** Node-RED with all that it needs, as npm has laid it out in the project. */
function copyNodeRed(app: string, folder = inRoot('node_modules/node-red')): void {
  const target = path.join(app, path.relative(inRoot(), folder));
  if (existsSync(path.join(target, 'package.json'))) return;
  cpSync(folder, target, { recursive: true, filter: file => !isNested(folder, file) });
  const { dependencies, optionalDependencies } = readJson(path.join(folder, 'package.json'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const places = createRequire(path.join(folder, 'package.json')).resolve.paths(name) ?? [];
    const found = places.map(place => path.join(place, name)).find(place => existsSync(place));
    // Optional ones may be missing, and some are bundled under the name of a module of Node.js.
    if (found !== undefined) copyNodeRed(app, found);
  }
}

const isNested = (folder: string, file: string): boolean =>
  path.relative(folder, file).split(path.sep)[0] === 'node_modules';

/** The package as it was installed from its tarball, with its dependencies inside. */
function copyPackage(app: string): void {
  const installed = path.join(inject('userDir'), 'node_modules');
  const target = path.join(app, 'node_modules', NAME);
  cpSync(path.join(installed, NAME), target, { recursive: true });
  const own = path.join(installed, NAME.split('/')[0] ?? '');
  cpSync(installed, path.join(target, 'node_modules'), {
    recursive: true,
    filter: file => file !== own,
  });
}

/** The user directory belongs to whoever runs Node-RED; the way to it is open. */
function handOver(dir: string, data: string): void {
  chmodSync(dir, 0o755);
  if (USER === undefined) return;
  for (const file of [data, ...filesIn(data)]) chownSync(file, USER.uid, USER.gid);
}

const forbidWriting = (folder: string): void => setMode(folder, mode => mode & ~0o222);
const allowWriting = (folder: string): void => setMode(folder, mode => mode | 0o200);

function setMode(folder: string, change: (mode: number) => number): void {
  for (const file of [folder, ...filesIn(folder)]) {
    const { mode } = statSync(file);
    chmodSync(file, change(mode));
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file =>
    path.join(folder, file),
  );
}

/** Starts Node-RED as the image does, and waits until its flows run. */
async function start(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['node_modules/node-red/red.js', '--userDir', place.data, 'flows.json'],
    {
      cwd: place.app,
      ...USER,
      env: { PATH: process.env.PATH, HOME: place.app, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      output += String(chunk);
      if (output.includes('Started flows')) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    void exited.then(() => {
      reject(new Error(output));
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return { url: `http://127.0.0.1:${String(port)}`, stop };
}

it('loads every node, and a store in a file survives a restart, though only the user directory can be written', async () => {
  const before = filesIn(place.app).sort();
  const first = await start();
  const sets = await (
    await fetch(`${first.url}/nodes`, { headers: { accept: 'application/json' } })
  ).json();
  const own = (sets as { module: string; err?: string }[]).filter(({ module }) => module === NAME);
  expect(own.length).toBe(Object.keys(readManifest()['node-red'].nodes).length);
  expect(own.filter(({ err }) => err !== undefined)).toEqual([]);

  expect(await answerTo(first.url, 'E-1')).toBe('first');
  await first.stop();
  expect(readdirSync(path.join(place.data, 'record-updates')).length).toBeGreaterThan(0);

  const second = await start();
  expect(await answerTo(second.url, 'E-1')).toBe('duplicate');
  expect(await answerTo(second.url, 'E-2')).toBe('first');
  await second.stop();
  expect(filesIn(place.app).sort()).toEqual(before);
});

it('docs/containers.md installs this package beside Node-RED, and writes to /data only', () => {
  const [dockerfile = ''] = blocksOf('docs/containers.md', 'dockerfile');
  // The line that these nodes are developed on; 4.1 comes to its end.
  expect(dockerfile).toMatch(/^FROM nodered\/node-red:5\.0$/m);
  expect(dockerfile).toContain(NAME);
  expect(dockerfile).not.toContain('/data');
  const [compose = ''] = blocksOf('docs/containers.md', 'yaml');
  expect(compose).toMatch(/read_only: true/);
  expect(compose).toContain(':/data');
});
