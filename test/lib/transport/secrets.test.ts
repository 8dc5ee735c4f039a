import { inspect } from 'node:util';
import { Pool } from 'undici';
import { afterEach, expect, it } from 'vitest';
import type { AuthSettings } from '../../../lib/transport/auth/settings';
import { AbortWatch } from '../../../lib/transport/abort-watch';
import { Call } from '../../../lib/transport/call';
import { Session } from '../../../lib/transport/session/session';
import { Bench, get, json, options, patch } from './support';

const bench = new Bench();
afterEach(() => bench.close());

const SECRET = 'S3CRET';

/** Everything that a log could make of a value. */
function printed(value: unknown): string {
  const own = value instanceof Error ? Object.getOwnPropertyNames(value) : [];
  const parts = own.map(name => inspect((value as Record<string, unknown>)[name]));
  const deep = inspect(value, { depth: null, showHidden: true, getters: true });
  return [deep, JSON.stringify(value), String(value), ...parts].join('\n');
}

it.each<AuthSettings>([
  { kind: 'basic', user: 'u', password: SECRET },
  { kind: 'bearer', token: SECRET },
  { kind: 'api-key', header: 'x-api-key', key: SECRET },
])('trap 15: no fault, answer or error holds the secret of $kind', async auth => {
  const server = await bench.serve(({ path, socket }, response) => {
    if (path.startsWith('/reset')) socket.resetAndDestroy();
    else if (path.startsWith('/slow')) response.writeHead(200).write('{');
    else json(response, path.startsWith('/bad') ? 500 : 200, {}, { 'set-cookie': `sid=${SECRET}` });
  });
  const transport = bench.transport(server.url, {
    auth,
    requestTimeoutMs: 50,
    transientRetries: 1,
  });
  for (const path of ['/reset', '/slow', '/bad', '/ok']) {
    const url = `${server.url}${path}?sig=${SECRET}`;
    for (const sent of [
      transport.read(get(url), options()),
      transport.write(patch(url), options()),
    ]) {
      expect(printed(await sent)).not.toContain(SECRET);
    }
  }
  const refused = transport.read(get(`${server.url}/a`, { 'x-key': `${SECRET}\n` }), options());
  expect(printed(await refused.catch((error: unknown) => error))).not.toContain(SECRET);
  const outside = transport.read(get(`http://${SECRET}@127.0.0.1/`), options());
  expect(printed(await outside.catch((error: unknown) => error))).not.toContain(SECRET);
  await server.close();
  expect(printed(await transport.write(patch(`${server.url}/a`), options()))).not.toContain(SECRET);
  expect(printed(transport)).not.toContain(SECRET);
});

it('trap 15: no fault, answer or error holds the token or a cookie of a CSRF session', async () => {
  const server = await bench.serve(({ path, headers, socket }, response) => {
    const session = {
      'x-csrf-token': `${SECRET}-token`,
      'set-cookie': [`sid=${SECRET}-1`, `x=${SECRET}-2; path=/`],
    };
    const echo = { error: { message: `${headers.cookie} ${String(headers['x-csrf-token'])}` } };
    if (path === '/') json(response, 200, {}, session);
    else if (path === '/reset') socket.resetAndDestroy();
    else if (path === '/refused') json(response, 403, echo, { 'x-csrf-token': 'Required' });
    else json(response, path === '/bad' ? 400 : 200, path === '/bad' ? echo : {}, session);
  });
  const transport = bench.transport(server.url, { csrf: { query: '' }, transientRetries: 1 });
  for (const path of ['/ok', '/bad', '/refused', '/reset']) {
    const written = await transport.write(patch(server.url + path), options());
    const read = await transport.read(get(server.url + path), options());
    expect(printed([written, read])).not.toContain(SECRET);
  }
  const writes = server.seen.filter(({ method }) => method === 'PATCH');
  expect(writes.every(({ headers }) => headers.cookie?.includes(SECRET))).toBe(true);
  expect(printed(transport)).not.toContain(SECRET);
});

it('trap 15: what axios carries in its errors shows neither headers nor URL', () => {
  const request = get(`http://127.0.0.1/?sig=${SECRET}`);
  const receiver = new Session(SECRET, [`sid=${SECRET}`], () => 0);
  const aborts = new AbortWatch();
  const limits = { requestTimeoutMs: 1, maxResponseBytes: 1, aborts, monotonic: () => 0 };
  const headers = ['authorization', SECRET];
  const dispatcher = new Pool('http://127.0.0.1');
  bench.closing(() => dispatcher.destroy());
  const call = new Call({
    target: { origin: 'http://127.0.0.1', path: `/?sig=${SECRET}` },
    repeat: 'read',
    dispatcher,
    request,
    headers,
    options: options(),
    limits,
    receiver,
  });
  expect(printed(call)).not.toContain(SECRET);
});
