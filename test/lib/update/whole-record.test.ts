import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startScriptedServer } from '../../support/scripted-server';

// What a PUT sends back of a record that nobody changed.

test('case U34: fields named like members of JavaScript objects stay in the record', async () => {
  const server = await startScriptedServer(({ method }) => ({
    status: method === 'GET' ? 200 : 204,
    headers: { etag: '"1"', 'content-type': 'application/json' },
    body:
      method === 'GET'
        ? '{"status":"New","constructor":"ACME","prototype":true,"__proto__":{"a":1},"toString":null,"other":1}'
        : undefined,
  }));
  const { result, record } = await new Engine(server.url).update({ method: 'PUT' });
  expect(result.outcome).toBe('updated');
  expect(server.requests.at(-1)?.body).toBe(
    '{"status":"Done","constructor":"ACME","prototype":true,"__proto__":{"a":1},"toString":null,"other":1}',
  );
  expect(record?.values).toMatchObject({ status: 'Done', constructor: 'ACME', prototype: true });
});

describe('case U35: letters', () => {
  /** One record, whose answers go out byte by byte. */
  async function play(type: string, bytes: Buffer): Promise<Engine & { put: () => string }> {
    let put = '';
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'PUT') put = Buffer.concat(chunks).toString('utf8');
        response.writeHead(request.method === 'PUT' ? 204 : 200, {
          etag: '"1"',
          'content-type': type,
        });
        response.end(request.method === 'PUT' ? undefined : bytes);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const engine = new Engine(`http://127.0.0.1:${port}`);
    return Object.assign(engine, { put: () => put });
  }

  const LATIN = Buffer.from('{"status":"New","name":"Müller"}', 'latin1');

  test.each([
    ['application/json; charset=iso-8859-1', LATIN],
    ['application/json;charset="ISO-8859-1"', LATIN],
    ['application/json; charset=windows-1252', LATIN],
    [
      'application/json; charset=utf-16le',
      Buffer.from('{"status":"New","name":"Müller"}', 'utf16le'),
    ],
    ['application/json; charset=UTF-8', Buffer.from('{"status":"New","name":"Müller"}')],
    ['application/json', Buffer.from('\uFEFF{"status":"New","name":"Müller"}')],
  ])('%s: go back as they came', async (type, bytes) => {
    const engine = await play(type, bytes);
    const { result } = await engine.update({ method: 'PUT' });
    expect(result.outcome).toBe('updated');
    expect(engine.put()).toBe('{"status":"Done","name":"Müller"}');
  });

  test.each([
    ['application/json', LATIN],
    ['application/json; charset=utf-8', LATIN],
    ['application/json; charset=no-such-charset', LATIN],
    ['application/json; charset=shift_jis', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('%s: that cannot be told are not guessed', async (type, bytes) => {
    const engine = await play(type, bytes);
    const { result } = await engine.update({ method: 'PUT' });
    expect(result).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'RESPONSE_UNREADABLE' },
    });
    expect(engine.put()).toBe('');
  });
});

describe('any record', () => {
  let answer = { type: '', bytes: Buffer.alloc(0) };
  let put = '';
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isRead = request.method === 'GET';
      if (!isRead) put = Buffer.concat(chunks).toString('utf8');
      response.writeHead(isRead ? 200 : 204, { etag: '"1"', 'content-type': answer.type });
      response.end(isRead ? answer.bytes : undefined);
    });
  });
  beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const CHARSETS = [
    ['application/json', 'utf8'],
    ['application/json; charset=utf-8', 'utf8'],
    ['application/json; charset=iso-8859-1', 'latin1'],
    ['application/json; charset=utf-16le', 'utf16le'],
  ] as const;

  test('case U34: goes back whole, with the change in it, whatever its names, numbers and charset', async () => {
    const { port } = server.address() as AddressInfo;
    const engine = new Engine(`http://127.0.0.1:${port}`);
    const name = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'a.b', ''),
      fc.string({ unit: fc.constantFrom('a', 'ä', 'ß', '_', '$', '.', '@', ' ', '"') }),
    );
    const number = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }),
        fc.constantFrom('', '.0', '.10', 'e3'),
      )
      .map(([whole, rest]) => `${whole}${rest}`);
    const value = fc.letrec<{ value: string; object: string }>(tie => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        number,
        fc.constantFrom('null', 'true', '"Müller"', '"\\\\ud800"'),
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }).map(items => `[${items.join(',')}]`),
      ),
      object: fc
        .uniqueArray(fc.tuple(name, tie('value')), { selector: ([key]) => key, maxLength: 4 })
        .map(
          members =>
            `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`,
        ),
    })).object;
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(...CHARSETS), async (rest, [type, encoding]) => {
        const members = rest.slice(1, -1);
        const record = (status: string) =>
          `{"status":"${status}"${members === '' ? '' : `,${members}`}}`;
        answer = { type, bytes: Buffer.from(record('New'), encoding) };
        const { result } = await engine.update({ method: 'PUT' });
        expect(result.outcome).toBe('updated');
        expect(put).toBe(record('Done'));
      }),
      { numRuns: 150 },
    );
  });
});
