import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { httpAnswer } from '../../../../lib/api/bulk/http-part';
import { boundaryOf, parseMultipart, readHead } from '../../../../lib/api/bulk/multipart';

const WHOLE = { roundTripMs: 5 };

test.each([
  ['multipart/mixed; boundary=abc', 'abc'],
  ['multipart/mixed;boundary="a b:c"', 'a b:c'],
  ['Multipart/Mixed; charset=utf-8; Boundary=batch_1', 'batch_1'],
  ['application/json, multipart/mixed;boundary=twice', 'twice'],
  ['text/html; about="multipart/mixed"; boundary=abc', undefined],
  ['multipart/mixed', undefined],
  ['text/html; boundary=abc', undefined],
  [undefined, undefined],
])('the boundary of %s is %s', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});

describe('a multipart body', () => {
  test('has its parts between delimiters, with preamble, padding and epilogue', () => {
    const text =
      'preamble\r\n--b  \r\nA: 1\r\n\r\none\r\n--b\t\r\n\r\ntwo\r\n\r\n--b-- \r\nepilogue\r\n--b\r\n';
    expect(parseMultipart(text, 'b')).toEqual({
      parts: [
        { headers: { a: '1' }, body: 'one' },
        { headers: {}, body: 'two\r\n' },
      ],
      isClosed: true,
    });
  });

  test('may use bare line feeds', () => {
    const text = '--b\nA: 1\nB: 2\n\none\n--b--\n';
    expect(parseMultipart(text, 'b').parts).toEqual([{ headers: { a: '1', b: '2' }, body: 'one' }]);
  });

  test('keeps parts without headers, and empty ones', () => {
    const text = '--b\r\nHTTP/1.1 204 No Content\r\n--b\r\n--b\r\n\r\n--b--';
    expect(parseMultipart(text, 'b').parts.map(({ body }) => body)).toEqual([
      'HTTP/1.1 204 No Content',
      '',
      '',
    ]);
  });

  test('holds lines that only begin like a delimiter', () => {
    const text = '--b\r\n\r\n--bx\r\n--b-\r\n --b\r\nx--b\r\n--b--\r\n';
    expect(parseMultipart(text, 'b')).toEqual({
      parts: [{ headers: {}, body: '--bx\r\n--b-\r\n --b\r\nx--b' }],
      isClosed: true,
    });
  });

  test('that was cut has the parts that are complete', () => {
    const text = '--b\r\n\r\none\r\n--b\r\n\r\nHTTP/1.1 204 No';
    expect(parseMultipart(text, 'b')).toEqual({
      parts: [{ headers: {}, body: 'one' }],
      isClosed: false,
    });
  });

  test('has a boundary of any characters', () => {
    expect(parseMultipart("--a.b+(c)'\r\n\r\none\r\n--a.b+(c)'--", "a.b+(c)'").parts).toHaveLength(
      1,
    );
  });

  test('comes back as it was written, whatever its text', () => {
    const body = fc.string({
      unit: fc.constantFrom('a', '\r\n', '\n', '--', 'b', ' ', 'é', ':', ''),
    });
    fc.assert(
      fc.property(fc.array(body, { maxLength: 5 }), bodies => {
        const parts = bodies.map(text => text.replaceAll('--b', '--c'));
        const text = `${parts.map(part => `--b\r\nx: 1\r\n\r\n${part}\r\n`).join('')}--b--`;
        expect(parseMultipart(text, 'b').parts.map(part => part.body)).toEqual(parts);
      }),
    );
  });

  test('cut anywhere never shows a part that was not written', () => {
    const text = '--b\r\nx: 1\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n';
    for (let end = 0; end < text.length; end++) {
      const { parts } = parseMultipart(text.slice(0, end), 'b');
      expect(['one', 'two'].slice(0, parts.length)).toEqual(parts.map(({ body }) => body));
    }
  });
});

test('headers are joined, folded lines too, and secrets left out', () => {
  const text =
    'A: 1\r\na: 2\r\nb:  x\r\n\t y \r\nSet-Cookie: s=1\r\nx-csrf-token: abc\r\n__proto__: 1\r\n\r\nrest';
  expect(readHead(text)).toEqual({ headers: { a: '1, 2', b: 'x y' }, rest: 'rest' });
  expect(readHead('X-CSRF-Token: Required\r\n\r\n')?.headers).toEqual({
    'x-csrf-token': 'Required',
  });
  expect(readHead('no header\r\n\r\n')).toBeUndefined();
});

describe('an answer in a part', () => {
  test('is as the transport would have made it', () => {
    const text =
      'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 3\r\n\r\n{"n": 9007199254740993, "t": "é"}\r\n';
    expect(httpAnswer(text, WHOLE)).toEqual({
      kind: 'answer',
      status: 200,
      headers: { etag: '"1"', 'content-length': '3' },
      text: '{"n": 9007199254740993, "t": "é"}\r\n',
      json: { n: '9007199254740993', t: 'é' },
      roundTripMs: 5,
    });
  });

  test.each([
    ['HTTP/1.1 204', 204],
    ['HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['\r\nHTTP/2 412 Precondition Failed\n\n', 412],
    ['HTTP/1.1 404 Pas trouvé\r\nA: b\r\n', 404],
  ])('may be as short as %j', (text, status) => {
    expect(httpAnswer(text, WHOLE)).toMatchObject({ status, text: '', json: undefined });
  });

  test.each([
    '',
    'HTTP/1.1',
    'HTTP/1.1 OK',
    'HTTP/1.1 2040 x',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 999 x',
    '<html>',
    'HTTP/1.1 200 OK\r\n<html>\r\n\r\n',
  ])('is none in %j', text => {
    expect(httpAnswer(text, WHOLE)).toBeUndefined();
  });
});
