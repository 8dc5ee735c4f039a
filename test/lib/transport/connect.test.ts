import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTransport } from '../../../lib/transport/client';
import { asAnswer, asFault, Bench, get, json, options, patch, settings } from './support';

const bench = new Bench();
afterEach(() => bench.close());
afterEach(() => void vi.unstubAllEnvs());

const pem = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../support/tls', name), 'utf8');
const CERT = pem('cert.pem');
const KEY = pem('key.pem');

interface Proxy {
  readonly url: string;
  readonly targets: { target: string; authorization: string | undefined }[];
}

/** A proxy that opens tunnels, or answers every CONNECT with `refusal`. */
async function proxy(refusal?: number, tls?: ServerOptions): Promise<Proxy> {
  const targets: Proxy['targets'] = [];
  const sockets = new Set<Socket>();
  const server = tls ? createTlsServer(tls) : createServer();
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const { url = '', headers } = request;
    targets.push({ target: url, authorization: headers['proxy-authorization'] });
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  bench.closing(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, targets };
}

describe('TLS', () => {
  const ok = () => bench.serve((_s, response) => json(response, 200, {}), { cert: CERT, key: KEY });

  it('refuses an unknown certificate before anything is sent', async () => {
    const server = await ok();
    const fault = asFault(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options()),
    );
    expect(fault).toMatchObject({ sent: 'no', fatal: true, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    ['its CA is given', { ca: CERT }],
    ['checking is off', { rejectUnauthorized: false }],
  ])('accepts the certificate when %s', async (_what, tls) => {
    const server = await ok();
    const transport = bench.transport(server.url, { tls });
    expect(asAnswer(await transport.write(patch(`${server.url}/a`), options())).status).toBe(200);
  });

  it('checks the certificate against the given server name', async () => {
    const server = await ok();
    const transport = bench.transport(server.url, { tls: { ca: CERT, servername: 'other.test' } });
    const fault = asFault(await transport.write(patch(`${server.url}/a`), options()));
    expect(fault).toMatchObject({ fatal: true, code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('shows the client certificate, and is refused for good without one', async () => {
    const mutual = { cert: CERT, key: KEY, ca: CERT, requestCert: true, rejectUnauthorized: true };
    const server = await bench.serve((_s, response) => json(response, 200, {}), mutual);
    const known = bench.transport(server.url, { tls: { ca: CERT, cert: CERT, key: KEY } });
    expect(asAnswer(await known.write(patch(`${server.url}/a`), options())).status).toBe(200);
    const unknown = bench.transport(server.url, { tls: { ca: CERT } });
    await unknown.write(patch(`${server.url}/a`), options());
    expect(server.seen).toHaveLength(1);
  });

  it('takes plain HTTP behind an https address for a wrong setting', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const url = server.url.replace('http:', 'https:');
    const fault = asFault(await bench.transport(url).write(patch(`${url}/a`), options()));
    expect(fault).toMatchObject({ sent: 'no', fatal: true });
  });

  it('refuses unusable settings without showing them', () => {
    const tls = { cert: CERT, key: 'not-a-k3y', passphrase: 's3cret' };
    const make = () => createTransport(settings('https://127.0.0.1', { tls }));
    expect(make).toThrow(expect.objectContaining({ code: 'TLS_INVALID' }));
    expect(make).not.toThrow(/k3y|s3cret/);
  });
});

describe('proxy', () => {
  it('carries http and https through a tunnel, with its credentials', async () => {
    const { url, targets } = await proxy();
    const through = { proxy: { url, user: 'u', password: 'p:w' }, tls: { ca: CERT } };
    const plain = await bench.serve((_s, response) => json(response, 200, {}));
    const secure = await bench.serve((_s, response) => json(response, 200, {}), {
      cert: CERT,
      key: KEY,
    });
    for (const server of [plain, secure]) {
      const transport = bench.transport(server.url, through);
      expect(asAnswer(await transport.write(patch(`${server.url}/a`), options())).status).toBe(200);
      expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
    }
    const authorization = `Basic ${Buffer.from('u:p:w').toString('base64')}`;
    expect(targets).toEqual([
      { target: `127.0.0.1:${plain.port}`, authorization },
      { target: `127.0.0.1:${secure.port}`, authorization },
    ]);
  });

  it('is reached by https with the TLS settings too', async () => {
    const mutual = { cert: CERT, key: KEY, ca: CERT, requestCert: true, rejectUnauthorized: true };
    const { url, targets } = await proxy(undefined, mutual);
    const server = await bench.serve((_s, response) => json(response, 200, {}), {
      cert: CERT,
      key: KEY,
    });
    const tls = { ca: CERT, cert: CERT, key: KEY };
    const known = bench.transport(server.url, { proxy: { url }, tls });
    expect(asAnswer(await known.write(patch(`${server.url}/a`), options())).status).toBe(200);
    const stranger = bench.transport(server.url, {
      proxy: { url },
      tls: { ca: CERT },
      requestTimeoutMs: 200,
    });
    const refused = asFault(await stranger.write(patch(`${server.url}/a`), options()));
    expect(refused.sent).toBe('no');
    const distrustful = bench.transport(server.url, { proxy: { url } });
    const fault = asFault(await distrustful.write(patch(`${server.url}/a`), options()));
    expect(fault).toMatchObject({ sent: 'no', fatal: true });
    expect(targets).toHaveLength(1);
  });

  it.each([
    [407, true],
    [503, false],
  ])('answering %i is a fault before sending', async (status, fatal) => {
    const { url } = await proxy(status);
    const server = await bench.serve((_s, response) => json(response, 200, {}));
    const transport = bench.transport(server.url, { proxy: { url }, transientRetries: 0 });
    for (const sent of [
      transport.write(patch(`${server.url}/a`), options()),
      transport.read(get(`${server.url}/a`), options()),
    ]) {
      expect(asFault(await sent)).toMatchObject({ code: 'PROXY_REFUSED', sent: 'no', fatal });
    }
  });

  it.each([['127.0.0.1'], ['*'], ['.0.0.1'], ['PORT']])('is left out for %s', async entry => {
    const { url, targets } = await proxy();
    const server = await bench.serve((_s, response) => json(response, 200, {}));
    const noProxy = ['example.com', entry === 'PORT' ? `127.0.0.1:${server.port}` : entry];
    const transport = bench.transport(server.url, { proxy: { url }, noProxy });
    expect(asAnswer(await transport.read(get(`${server.url}/a`), options())).status).toBe(200);
    expect(targets).toEqual([]);
  });

  it.each([['0.0.1'], ['27.0.0.1'], ['127.0.0.1:1'], ['']])('is used despite %j', async entry => {
    const { url, targets } = await proxy();
    const server = await bench.serve((_s, response) => json(response, 200, {}));
    // A name covers its subdomains only at a dot.
    const noProxy = entry === '0.0.1' ? ['7.0.0.1'] : [entry];
    const transport = bench.transport(server.url, { proxy: { url }, noProxy });
    await transport.read(get(`${server.url}/a`), options());
    expect(targets).toHaveLength(1);
  });

  it('is never taken from the environment', async () => {
    const { url, targets } = await proxy();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, url);
    const server = await bench.serve((_s, response) => json(response, 200, {}));
    await bench.transport(server.url).read(get(`${server.url}/a`), options());
    expect(targets).toEqual([]);
  });

  it.each(['proxy.example.com:3128', 'socks5://127.0.0.1', ''])('refuses %j as address', url => {
    const make = () => createTransport(settings('http://127.0.0.1', { proxy: { url } }));
    expect(make).toThrow(expect.objectContaining({ code: 'PROXY_INVALID' }));
  });
});
