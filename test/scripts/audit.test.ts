import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { auditPackage, inWords, readAudit } from '../../scripts/lib/audit.mjs';

/** A folder with one dependency and one of development. */
async function packageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const manifest = {
    name: 'audited',
    version: '1.0.0',
    dependencies: { used: '1.0.0' },
    devDependencies: { tool: '1.0.0' },
  };
  const packages = {
    '': manifest,
    'node_modules/used': { version: '1.0.0' },
    'node_modules/tool': { version: '1.0.0', dev: true },
  };
  const { name, version } = manifest;
  const lock = { name, version, lockfileVersion: 3, requires: true, packages };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  return folder;
}

function withRegistry(registry: string, cache: string): NodeJS.ProcessEnv {
  const npm = { registry, cache, fetch_retries: '0', audit_level: '', update_notifier: 'false' };
  const settings = Object.entries(npm).map(([name, value]) => [`npm_config_${name}`, value]);
  return { ...process.env, ...(Object.fromEntries(settings) as NodeJS.ProcessEnv) };
}

/** A registry that knows these advisories, by package. */
async function registryWith(advisories: unknown, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const isBulk = request.url?.endsWith('/advisories/bulk') === true;
    response.writeHead(isBulk ? status : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isBulk ? advisories : {}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
}

const ADVISORY = {
  id: 1,
  url: 'https://advisories.example/1',
  title: 'Reads what it should not',
  severity: 'high',
  vulnerable_versions: '<2.0.0',
};

it('finds what the registry knows of a dependency', async () => {
  const folder = await packageFolder();
  const registry = await registryWith({ used: [ADVISORY] });
  const audit = await auditPackage(folder, withRegistry(registry, folder));
  expect(audit).toEqual({
    kind: 'found',
    packages: [{ name: 'used', severity: 'high', titles: [ADVISORY.title] }],
  });
  expect(inWords(audit).join('\n')).toContain('used (high): Reads what it should not');
});

it('leaves out the tools of development, which no user gets', async () => {
  const folder = await packageFolder();
  const registry = await registryWith({ tool: [ADVISORY] });
  expect(await auditPackage(folder, withRegistry(registry, folder))).toEqual({ kind: 'clean' });
});

it.each([
  ['is not there', () => Promise.resolve('http://127.0.0.1:1/')],
  ['knows no audit', () => registryWith({ error: 'no such thing' }, 404)],
  ['is out of order', () => registryWith({}, 503)],
])('says loudly that a registry %s, and never that all is well', async (_what, registryOf) => {
  const folder = await packageFolder();
  const audit = await auditPackage(folder, withRegistry(await registryOf(), folder));
  expect(audit.kind).toBe('unasked');
  expect(inWords(audit).join('\n')).toMatch(/!!!\n!! audit: NOT CHECKED/);
});

it.each(['', 'npm error', '{}', '{"metadata":{}}', '{"error":{"summary":"","detail":"refused"}}'])(
  'takes %j for no report',
  text => {
    expect(readAudit(text, 'refused')).toEqual({ kind: 'unasked', why: 'refused' });
  },
);
