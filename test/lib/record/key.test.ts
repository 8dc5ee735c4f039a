import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeODataKey, encodePathKey } from '../../../lib/record/key';
import type { RecordKey } from '../../../lib/record/fields';

const GUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const invalid = expect.objectContaining({ name: 'InputError', code: 'KEY_INVALID' });

/** What a server reads: parentheses and quotes off, decoded once, doubled quotes undone (OData URL conventions). */
function readLiteral(encoded: string): string {
  const literal = /^\('(.*)'\)$/.exec(encoded)?.[1] ?? '';
  return decodeURIComponent(literal).replaceAll("''", "'");
}

describe('encodeODataKey', () => {
  it('quotes text and doubles quotes before it percent-encodes', () => {
    expect(encodeODataKey('WO-12345')).toBe("('WO-12345')");
    expect(encodeODataKey("O'Neil")).toBe("('O%27%27Neil')");
    expect(encodeODataKey('a b+c*(d)!~')).toBe("('a%20b%2Bc%2A%28d%29%21~')");
    expect(encodeODataKey('Größe/7')).toBe("('Gr%C3%B6%C3%9Fe%2F7')");
  });

  it('writes numbers without quotes', () => {
    expect(encodeODataKey(1)).toBe('(1)');
    expect(encodeODataKey(-2.5)).toBe('(-2.5)');
    expect(encodeODataKey(-0)).toBe('(0)');
    expect(encodeODataKey('1')).toBe("('1')");
  });

  it('writes composite keys named and in the order given', () => {
    expect(encodeODataKey({ dataAreaId: 'usmf', SalesOrderNumber: "S'1", Line: 2 })).toBe(
      "(dataAreaId='usmf',SalesOrderNumber='S%27%271',Line=2)",
    );
    expect(encodeODataKey({ Id: `{${GUID.toUpperCase()}}`, Part: 'a' })).toBe(
      `(Id=${GUID},Part='a')`,
    );
  });

  it('keeps a single named key named: an alternate key must be', () => {
    expect(encodeODataKey({ ordernumber: 'SO-1' })).toBe("(ordernumber='SO-1')");
    expect(encodeODataKey({ ordernumber: 'SO-1' }, { primaryKey: 'id' })).toBe(
      "(ordernumber='SO-1')",
    );
  });

  it.each([GUID, GUID.toUpperCase(), `{${GUID}}`, `'${GUID}'`, `'{${GUID.toUpperCase()}}'`])(
    'trap 25: the GUID spelling %s shares one key',
    spelling => {
      expect(encodeODataKey(spelling)).toBe(`(${GUID})`);
    },
  );

  it('trap 25: Set(1) and Set(ID=1) share one key when the primary key is known', () => {
    const options = { primaryKey: 'ID' };
    expect(encodeODataKey({ ID: 1 }, options)).toBe(encodeODataKey(1, options));
    expect(encodeODataKey({ ID: GUID.toUpperCase() }, options)).toBe(`(${GUID})`);
    expect(encodeODataKey({ ID: 1, Line: 2 }, options)).toBe('(ID=1,Line=2)');
  });

  it.each([GUID, `{${GUID.toUpperCase()}}`, `guid'${GUID}'`, `GUID'${GUID.toUpperCase()}'`])(
    "trap 25: the GUID spelling %s shares one key, as guid'…' for OData V2",
    spelling => {
      expect(encodeODataKey(spelling, { guid: 'v2' })).toBe(`(guid'${GUID}')`);
      expect(encodeODataKey({ Id: spelling, Part: 'a' }, { guid: 'v2' })).toBe(
        `(Id=guid'${GUID}',Part='a')`,
      );
      expect(encodeODataKey(spelling)).toBe(`(${GUID})`);
    },
  );

  it('trap 22: takes only a GUID for a GUID', () => {
    expect(() => encodeODataKey("guid'x')/A", { guid: 'v2' })).toThrow(invalid);
    expect(encodeODataKey("guid'x'", { guid: 'v2' })).toBe("('guid%27%27x%27%27')");
  });

  it('treats GUIDs as text where keys are text', () => {
    expect(encodeODataKey(GUID.toUpperCase(), { guid: false })).toBe(`('${GUID.toUpperCase()}')`);
    expect(encodeODataKey(`{${GUID}`)).toBe(`('%7B${GUID}')`);
  });

  it.each(["O'Neil", 'a/b', '%2e%2e', 'x\\..\\y', '//evil', 'a?b#c', "'quoted'"])(
    'trap 22: the hostile key %s hits exactly that key',
    key => {
      const encoded = encodeODataKey(key);
      expect(readLiteral(encoded)).toBe(key);
      expect(encoded.slice(2, -2)).toMatch(/^[A-Za-z0-9._~%-]*$/);
    },
  );

  it.each([
    '1)/Action(',
    '..',
    '.',
    'a\r\nX: 1',
    'a\u0000',
    '\u0085',
    '',
    '  ',
    '\ud800',
    'a\udc00b',
  ])('trap 22: the key %j is refused', key => {
    expect(() => encodeODataKey(key)).toThrow(invalid);
    expect(() => encodeODataKey({ ID: key })).toThrow(invalid);
    expect(() => encodePathKey(key)).toThrow(invalid);
  });

  it.each([NaN, Infinity, 2 ** 53, -(2 ** 53), 1e21, 1e-7])('refuses the number %s', key => {
    expect(() => encodeODataKey(key)).toThrow(invalid);
    expect(() => encodePathKey(key)).toThrow(invalid);
  });

  it.each([
    [[]],
    [['a']],
    [{}],
    [null],
    [undefined],
    [true],
    [{ 'a b': 1 }],
    [{ 'a)=1,b': 1 }],
    [{ '1a': 1 }],
    [{ '': 1 }],
    [{ a: null }],
    [{ a: {} }],
    [{ a: [1] }],
    [new Date(0)],
  ])('refuses %j', key => {
    expect(() => encodeODataKey(key as unknown as RecordKey)).toThrow(invalid);
  });

  it('names the field and the fix, and does not repeat the key', () => {
    expect(() => encodeODataKey({ ID: '' })).toThrow(/Key\.ID is empty; set it/);
    expect(() => encodeODataKey('secret\r\n')).toThrow(/^(?!.*secret).*Key contains a control/);
  });

  it('reads back as it was, whatever the text, or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), key => {
        let encoded: string;
        try {
          encoded = encodeODataKey(key, { guid: false });
        } catch (error) {
          expect(error).toEqual(invalid);
          return;
        }
        expect(readLiteral(encoded)).toBe(key);
      }),
    );
  });
});

describe('encodePathKey', () => {
  it('leaves plain keys as they are', () => {
    expect(encodePathKey('WO-12345')).toBe('WO-12345');
    expect(encodePathKey(42)).toBe('42');
  });

  it('trap 22: encodes what would end the segment', () => {
    expect(encodePathKey('a?b#c')).toBe('a%3Fb%23c');
    expect(encodePathKey('%2e%2e')).toBe('%252e%252e');
    expect(encodePathKey("O'Neil (2)")).toBe('O%27Neil%20%282%29');
  });

  it.each(['a/b', '//evil', 'x\\..\\y', '../admin'])('trap 22: refuses %s', key => {
    expect(() => encodePathKey(key)).toThrow(invalid);
  });

  it.each([[{ ID: 1 }], [['a']], [null], [undefined]])('refuses %j', key => {
    expect(() => encodePathKey(key as unknown as RecordKey)).toThrow(invalid);
  });

  it('keeps upper and lower case apart: such an API may tell them apart too', () => {
    expect(encodePathKey(GUID.toUpperCase())).toBe(GUID.toUpperCase());
  });
});
