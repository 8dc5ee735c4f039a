import { afterEach, describe, expect, it } from 'vitest';
import { readHeaders } from '../../../lib/transport/answer-headers';
import { checkHeaders } from '../../../lib/transport/headers';
import { Bench, json, options, patch } from './support';

describe('checkHeaders', () => {
  it.each([
    ['a line break', 'W/"1"\r\nX-Evil: 1'],
    ['a bare line feed', 'W/"1"\n'],
    ['characters outside ASCII', '"日本"'],
    ['a Latin-1 character', '"ü"'],
    ['a control character', '"\u0000"'],
    ['nothing', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
  ])('trap 11: refuses an If-Match with %s', (_what, value) => {
    const headers = { 'If-Match': value } as Record<string, string>;
    expect(() => checkHeaders(headers)).toThrow(/"If-Match"/);
    expect(() => checkHeaders(headers)).toThrow(
      expect.objectContaining({ code: 'HEADER_INVALID' }),
    );
  });

  it('never shows the refused value', () => {
    expect(() => checkHeaders({ authorization: 'Bearer s3cret\n' })).not.toThrow(/s3cret/);
  });

  it('refuses a name that is no token', () => {
    expect(() => checkHeaders({ 'x y': '1' })).toThrow(/"x y"/);
  });

  it('trap 12: accepts what RFC 9110 allows in an entity tag', () => {
    checkHeaders({ 'if-match': 'W/"a,b"' });
    checkHeaders({ 'if-match': `W/"datetimeoffset'2025-01-01T00%3A00%3A00Z'"` });
    checkHeaders({ 'if-match': '*', prefer: '' });
  });
});

describe('readHeaders', () => {
  it('lowers names, joins repeats and leaves cookies out', () => {
    const raw = ['ETag', '"1"', 'Link', 'a', 'Set-Cookie', 'sid=1', 'link', 'b'];
    expect(readHeaders(raw.map(text => Buffer.from(text)))).toEqual({ etag: '"1"', link: 'a, b' });
  });

  it.each([
    ['REQUIRED', { 'x-csrf-token': 'REQUIRED' }],
    ['s3cret==', {}],
  ])(
    'trap 15: a CSRF token is no header of an answer, the wish for one is: %s',
    (value, headers) => {
      const raw = ['X-CSRF-Token', value];
      expect(readHeaders(raw.map(text => Buffer.from(text)))).toEqual(headers);
    },
  );
});

describe('on the wire', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('trap 11: a bad version reaches no server', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    const transport = bench.transport(server.url);
    for (const version of ['', '"1"\r\nX: 1', '"é"', null as unknown as string]) {
      const written = transport.write(patch(`${server.url}/orders/1`, version), options());
      await expect(written).rejects.toMatchObject({ code: 'HEADER_INVALID' });
    }
    expect(server.connections()).toBe(0);
  });

  it.each(['W/"a,b"', `W/"datetimeoffset'2025-01-01T00%3A00%3A00Z'"`, '"a\\b"', '*'])(
    'trap 12: %s leaves byte for byte, once',
    async version => {
      const server = await bench.serve((_seen, response) => json(response, 200, {}));
      await bench.transport(server.url).write(patch(`${server.url}/orders/1`, version), options());
      const raw = server.seen[0]?.rawHeaders ?? [];
      const sent = raw.filter((_text, i) => raw[i - 1]?.toLowerCase() === 'if-match');
      expect(sent).toEqual([version]);
    },
  );
});
