import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../lib/errors';
import { encodeODataKey, encodePathKey } from '../../../lib/record/key';
import { parseBaseUrl, recordUrl, targetBelow } from '../../../lib/record/url';

const BASE = 'https://erp.example.com/api/data/v9.0';

function refused(code: string): unknown {
  return expect.objectContaining({ name: 'InputError', code });
}

describe('parseBaseUrl', () => {
  it.each(['https://erp.example.com', 'http://127.0.0.1:8080/api/', ' HTTPS://Erp.Example.com/a '])(
    'takes %s',
    text => {
      expect(parseBaseUrl(text).protocol).toMatch(/^https?:$/);
    },
  );

  it.each([
    '',
    'erp.example.com',
    'ftp://erp.example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http:erp.example.com',
    'http://',
    'https://user:secret@erp.example.com/',
    'https://user@erp.example.com/',
    'https://erp.example.com/?a=1',
    'https://erp.example.com/?',
    'https://erp.example.com/#',
    'https://erp.example.com\\@evil',
    'https://erp.exa\nmple.com',
    'https://erp.example.com/a b',
    'https://[::1',
  ])('refuses %j', text => {
    expect(() => parseBaseUrl(text)).toThrow(refused('BASE_URL_INVALID'));
  });

  it('does not repeat a password', () => {
    expect(() => parseBaseUrl('https://user:secret@erp.example.com/')).toThrow(/^(?!.*secret)/);
  });
});

describe('recordUrl', () => {
  it('appends an OData key to the set and a path key as a segment', () => {
    expect(recordUrl(BASE, 'salesorders', encodeODataKey('SO 1'))).toBe(
      `${BASE}/salesorders('SO%201')`,
    );
    expect(recordUrl('http://mes/api', 'work-orders', encodePathKey('WO-12345'))).toBe(
      'http://mes/api/work-orders/WO-12345',
    );
  });

  it('gives one URL for every spelling of base and collection', () => {
    const expected = 'http://mes/v1/assignments/7';
    for (const base of ['http://mes', 'http://mes/', 'HTTP://MES:80']) {
      for (const collection of ['v1/assignments', '/v1/assignments', '/v1/assignments/']) {
        expect(recordUrl(base, collection, '7')).toBe(expected);
      }
    }
  });

  it('takes collections with keys and letters of any script', () => {
    expect(recordUrl(BASE, "companies('CRONUS')/orders", '(1)')).toBe(
      `${BASE}/companies('CRONUS')/orders(1)`,
    );
    expect(recordUrl(BASE, 'aufträge', '(1)')).toBe(`${BASE}/auftr%C3%A4ge(1)`);
  });

  it.each([
    ['resource/Sales Order', 'resource/Sales%20Order'],
    ['resource/Sales%20Order', 'resource/Sales%20Order'],
    ['a/50%25', 'a/50%25'],
    ['a/what%3F%23', 'a/what%3F%23'],
    ['aufträge/%C3%A4', 'auftr%C3%A4ge/%C3%A4'],
    ['a;v=1/b', 'a%3Bv=1/b'],
    ['v1.0/a..b/...', 'v1.0/a..b/...'],
    ["a/(x),$&'*+:@!=~", "a/(x),$&'*+:@!=~"],
  ])('case 6: the collection %j is %s, however it is spelled', (collection, path) => {
    expect(recordUrl(BASE, collection, '7')).toBe(`${BASE}/${path}/7`);
    expect(recordUrl(BASE, collection, '(1)')).toBe(`${BASE}/${path}(1)`);
    const target = targetBelow(new URL(BASE), `${BASE}/${path}/7`);
    expect(target?.path).toBe(new URL(`${BASE}/${path}/7`).pathname);
  });

  it('case 6: whatever the segments are called, the address holds them and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), segments => {
        const collection = segments.map(segment => encodeURIComponent(segment)).join('/');
        let url: string;
        try {
          url = recordUrl(BASE, collection, '7');
        } catch (error) {
          expect(error).toEqual(refused('COLLECTION_INVALID'));
          return;
        }
        const inner = new URL(url).pathname.slice(new URL(BASE).pathname.length + 1);
        // One slash at either end is none of the path.
        const named = segments.filter(
          (name, at) => name !== '' || (at > 0 && at < segments.length - 1),
        );
        expect(inner.split('/').map(decodeURIComponent)).toEqual([...named, '7']);
        expect(inner).not.toMatch(/;|\/\.{1,2}(?:\/|$)/);
      }),
    );
  });

  it.each([
    '',
    '/',
    '//evil',
    'a//b',
    '..',
    '../admin',
    'a/./b',
    'a/%2e%2e/b',
    'a?x=1',
    'a#b',
    'a\\b',
    'a\r\nb',
    'a/ b',
    'a/%2E./b',
    'a/.%2e',
    'a/%252e%252e/b',
    'a/%25252e/b',
    'a/..;/b',
    'a/..;x=1/b',
    'a/%2e%2e%3bx/b',
    'a/..%20/b',
    'a/．．/b',
    'a/‥/b',
    'a%2f..%2fb',
    'a%5cb',
    'a%00b',
    'a%',
    'a%2',
    '%ff',
    'a\ud800',
  ])('trap 22: refuses the collection %j', collection => {
    expect(() => recordUrl(BASE, collection, '(1)')).toThrow(refused('COLLECTION_INVALID'));
  });

  it.each(['..', '%2e%2e', 'a/b', 'a?b', 'a#b', 'x\\y', "(1)/Action('a'", '(1)?$expand=x', 'a b'])(
    'trap 22: refuses a key part that was not encoded: %s',
    keyPart => {
      expect(() => recordUrl(BASE, 'salesorders', keyPart)).toThrow(refused('KEY_INVALID'));
    },
  );

  it.each(["O'Neil", 'a/b', '..', '%2e%2e', 'x\\..\\y', '1)/Action(', '//evil', '@evil', '?', '#'])(
    'trap 22: the hostile key %s stays below the collection or is refused',
    key => {
      for (const [encode, start] of [
        [encodeODataKey, '/api/data/v9.0/salesorders('],
        [encodePathKey, '/api/data/v9.0/salesorders/'],
      ] as const) {
        const url = urlOrRefusal(() => recordUrl(BASE, 'salesorders', encode(key)));
        if (url === undefined) continue;
        expect(url.origin).toBe('https://erp.example.com');
        expect(url.pathname.startsWith(start)).toBe(true);
        expect(url.pathname.slice(start.length)).not.toContain('/');
        expect(url.search + url.hash).toBe('');
      }
    },
  );

  it('trap 22: whatever the key, the URL is the collection, the encoded key and nothing else', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(key, text => {
        const path = urlOrRefusal(() => recordUrl(BASE, 'set', encodePathKey(text)));
        if (path !== undefined) {
          expect(decodeURIComponent(path.href.slice(`${BASE}/set/`.length))).toBe(text);
        }
        const odata = urlOrRefusal(() => recordUrl(BASE, 'set', encodeODataKey(text)));
        if (odata !== undefined) expect(odata.href).toBe(`${BASE}/set${encodeODataKey(text)}`);
      }),
    );
  });
});

function urlOrRefusal(build: () => string): URL | undefined {
  try {
    return new URL(build());
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'KEY_INVALID') throw error;
    return undefined;
  }
}

describe('targetBelow', () => {
  it.each([
    BASE,
    `${BASE}/`,
    `${BASE}/salesorders(1)?$select=a`,
    `${BASE}/salesorders('a%20b')?$filter=a eq 'b'#top`,
    'HTTPS://ERP.example.com:443/api/data/v9.0/x',
  ])('leads where the URL does for %s', text => {
    const { origin, pathname, search } = new URL(text);
    const target = { origin, path: pathname + search };
    expect(targetBelow(new URL(BASE), text)).toEqual(target);
    expect(targetBelow(new URL(`${BASE}/`), text)).toEqual(target);
  });

  it.each([
    'http://erp.example.com/api/data/v9.0/x',
    'https://erp.example.com:444/api/data/v9.0/x',
    'https://erp.example.com.evil/api/data/v9.0/x',
    'https://evil/api/data/v9.0/x',
    'https://user@erp.example.com/api/data/v9.0/x',
    'https://erp.example.com/api/data/v9.01/x',
    'https://erp.example.com/api/data/v9.0/../admin',
    'https://erp.example.com/api/data/v9.0/..',
    'https://erp.example.com/api/data/v9.0/%2e%2E/admin',
    'https://erp.example.com/api/data/v9.0/.%2e?x',
    'https://erp.example.com/api/data/v9.0\\..\\admin',
    'https://erp.example.com/api/data/v9.0/.\n./admin',
    'no URL',
  ])('is undefined for %j', text => {
    expect(targetBelow(new URL(BASE), text)).toBeUndefined();
  });

  it('agrees with the URL parser whatever the text', () => {
    const base = new URL('http://mes/a');
    const part = fc.oneof(
      fc.constantFrom('/', '.', '..', '%2e', '%2E', '%', '?', '#', '\\', "'", '&', '=', '|', '^'),
      fc.constantFrom('//', '@', ':', '\t', '\n', ' ', 'ä', '%zz', '%41', '{', '"', '~', '`', '+'),
      fc.string({ maxLength: 3, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), parts => {
        const text = `http://mes/a/${parts.join('')}`;
        const { origin, pathname, search } = new URL(text);
        const isBelow = origin === base.origin && /^\/a(?:\/|$)/.test(pathname);
        const expected = isBelow ? { origin, path: pathname + search } : undefined;
        expect(targetBelow(base, text)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
