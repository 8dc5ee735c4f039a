import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { ApiFamily, WritePlan } from '../../../lib/api/family';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../lib/api/settings';
import { createRest } from '../../../lib/api/rest/rest';
import { classify } from '../../../lib/outcome/classify';
import { answer } from './answers';

const DEFAULTS: ApiSettings = DEFAULT_API_SETTINGS;
const BASE = 'https://mes.example/api';
const DATE = 'Sun, 08 Feb 2026 10:00:00 GMT';

const rest = (settings: Partial<ApiSettings> = {}) => createRest({ ...DEFAULTS, ...settings });
const inField = (settings: Partial<ApiSettings> = {}) =>
  rest({ versionFrom: 'field', versionField: 'version', versionTo: 'field', ...settings });

function write(family: ApiFamily, version: string, plan: Partial<WritePlan> = {}) {
  const ref = family.locate(BASE, 'work-orders', 'WO-12345');
  const precondition = { version };
  const changes = { status: 'Complete' };
  return family.writeRequest({ ref, method: 'PATCH', changes, precondition, ...plan });
}

describe('a generic write', () => {
  it('sends an ETag as If-Match', () => {
    expect(write(rest(), '"v7"')).toEqual({
      method: 'PATCH',
      url: 'https://mes.example/api/work-orders/WO-12345',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'If-Match': '"v7"',
      },
      body: '{"status":"Complete"}',
    });
  });

  it('sends a date as If-Unmodified-Since', () => {
    const { headers } = write(rest({ versionFrom: 'last-modified' }), DATE);
    expect(headers['If-Unmodified-Since']).toBe(DATE);
    expect(headers).not.toHaveProperty('If-Match');
  });

  it.each(['2026-02-08', 'Sun, 31 Feb 2026 10:00:00 GMT', ''])(
    'trap 11: refuses the date "%s", which a server would ignore',
    version => {
      expect(() => write(rest({ versionFrom: 'last-modified' }), version)).toThrow(
        expect.objectContaining({ code: 'VERSION_INVALID' }),
      );
    },
  );

  it.each([
    ['7', '"7"'],
    ['v7', '"v7"'],
    ['"7"', '"7"'],
    ['W/"7"', 'W/"7"'],
  ])('sends the body version %s as If-Match: %s', (version, header) => {
    const { headers, body } = write(inField({ versionTo: 'header' }), version);
    expect(headers['If-Match']).toBe(header);
    expect(body).toBe('{"status":"Complete"}');
  });

  it('sends a body version back in its field and in no header', () => {
    const { headers, body } = write(inField(), '7');
    expect(body).toBe('{"status":"Complete","version":7}');
    expect(headers).not.toHaveProperty('If-Match');
  });

  it('puts the version where the record expects it, without the wrapping of the answer', () => {
    const family = inField({ recordPath: 'data.record', versionField: 'data.record.meta.rev' });
    expect(write(family, 'a1').body).toBe('{"status":"Complete","meta":{"rev":"a1"}}');
  });

  it('overwrites an outdated version among the changes', () => {
    const changes = { status: 'Complete', version: 6 };
    expect(write(inField(), '7', { changes }).body).toBe('{"status":"Complete","version":7}');
    expect(inField().cleanChanges(changes)).toEqual({ status: 'Complete' });
    expect(rest().cleanChanges(changes)).toEqual(changes);
  });

  it.each(['', '*', '日本', '7\r\nX-Evil: 1', undefined as never])(
    'trap 11: refuses the version %j wherever it would go',
    (version: string) => {
      for (const family of [rest(), inField(), inField({ versionTo: 'header' })]) {
        expect(() => write(family, version)).toThrow(
          expect.objectContaining({ code: 'VERSION_INVALID' }),
        );
      }
    },
  );

  it('trap 10: forces with If-Match: * or not at all', () => {
    for (const family of [rest(), inField({ versionTo: 'header' })]) {
      expect(family.canForce).toBe(true);
      const request = write(family, '', { precondition: 'any' });
      expect(request.headers['If-Match']).toBe('*');
    }
    for (const family of [rest({ versionFrom: 'last-modified' }), inField()]) {
      expect(family.canForce).toBe(false);
      expect(() => write(family, '', { precondition: 'any' })).toThrow(
        expect.objectContaining({ code: 'FORCE_UNSUPPORTED' }),
      );
    }
  });

  it('says that a version was sent, wherever it is', () => {
    const family = inField();
    const ref = family.locate(BASE, 'work-orders', 'WO-1');
    const plan: WritePlan = { ref, method: 'PUT', changes: {}, precondition: { version: '7' } };
    expect(family.sent(plan)).toEqual({ method: 'PUT', precondition: 'version' });
  });
});

describe('a generic PUT', () => {
  it('sends everything that was read, numbers digit by digit', () => {
    const read = answer(200, '{"data":{"id":9007199254740993,"qty":1.10,"status":"Released"}}');
    const { method, body } = write(rest({ recordPath: 'data' }), '"v7"', { method: 'PUT', read });
    expect(method).toBe('PUT');
    expect(body).toBe('{"id":9007199254740993,"qty":1.10,"status":"Complete"}');
  });

  it('replaces the version that was read', () => {
    const read = answer(200, { version: 6, status: 'Released' });
    expect(write(inField(), '7', { method: 'PUT', read }).body).toBe(
      '{"version":7,"status":"Complete"}',
    );
  });

  it.each([undefined, answer(200, '[]'), answer(200, '{"a":')])(
    'is refused without the record',
    read => {
      const plan: Partial<WritePlan> = { method: 'PUT', ...(read === undefined ? {} : { read }) };
      expect(() => write(rest(), '"v7"', plan)).toThrow(
        expect.objectContaining({ code: 'RECORD_UNREAD' }),
      );
    },
  );
});

describe('a generic answer', () => {
  it('shows the version of the configured evidence only', () => {
    const full = answer(200, { version: 'v7' }, { etag: '"e1"', 'last-modified': DATE });
    expect(rest().versionOf(full)).toBe('"e1"');
    expect(rest({ versionFrom: 'last-modified' }).versionOf(full)).toBe(DATE);
    expect(inField().versionOf(full)).toBe('v7');
  });

  it('trap 13: shows no version in an answer without one', () => {
    for (const family of [rest(), rest({ versionFrom: 'last-modified' }), inField()]) {
      for (const without of [answer(204), answer(205), answer(200, { status: 'A' })]) {
        expect(family.versionOf(without)).toBeUndefined();
      }
    }
  });

  it.each(['unquoted', '', '"ä"', 'w/"1"'])('takes the ETag %s for none', etag => {
    expect(rest().versionOf(answer(200, {}, { etag }))).toBeUndefined();
  });

  it('shows neither version nor values in an error', () => {
    const refused = answer(409, { version: 8 }, { etag: '"v8"' });
    expect(rest().versionOf(refused)).toBeUndefined();
    expect(inField().versionOf(refused)).toBeUndefined();
    expect(rest().valuesOf(refused)).toBeUndefined();
  });

  it.each([[{}], [true], [null], [''], ['ä'], [' a'], ['*']])(
    'takes the body version %j for none',
    version => {
      expect(inField().versionOf(answer(200, { version }))).toBeUndefined();
    },
  );

  it('finds the version and the record below their paths', () => {
    const body = { meta: { rev: 3 }, data: { record: { status: 'A' } } };
    const family = inField({ versionField: 'meta.rev', recordPath: 'data.record' });
    expect(family.versionOf(answer(200, body))).toBe('3');
    expect(family.valuesOf(answer(200, body))).toEqual({ status: 'A' });
    expect(family.valuesOf(answer(200, { status: 'A' }))).toBeUndefined();
  });

  it('finds a version whose name holds a dot', () => {
    const family = inField({ versionField: '@odata.etag', versionTo: 'header' });
    const version = family.versionOf(answer(200, { '@odata.etag': 'W/"1"' }));
    expect(version).toBe('W/"1"');
    expect(write(family, 'W/"1"').headers['If-Match']).toBe('W/"1"');
  });

  it('trap 12: a body version comes back as exactly the JSON it was', () => {
    const token = fc.oneof(
      fc.integer().map(String),
      fc.bigInt({ min: 0n, max: 2n ** 80n }).map(String),
      fc
        .string({ unit: fc.constantFrom(...'"0123456789.-eE\\aW/'.split('')), minLength: 1 })
        .map(text => JSON.stringify(text)),
    );
    fc.assert(
      fc.property(token, json => {
        const family = inField();
        const version = family.versionOf(answer(200, `{"version":${json}}`));
        expect(write(family, version ?? '').body).toBe(`{"status":"Complete","version":${json}}`);
      }),
    );
  });
});

describe('the meaning of a generic refusal', () => {
  const meaning = (settings: Partial<ApiSettings>, status: number, message = 'No') => {
    const family = rest(settings);
    const refused = answer(status, { message });
    const sent = { method: 'PATCH', precondition: 'version' } as const;
    return classify(refused, sent, family.errorOf(refused), family.rows).class;
  };

  it('is settled by a re-read where the status is listed', () => {
    expect(meaning({}, 409)).toBe('undetermined');
    expect(meaning({}, 412)).toBe('version-conflict');
    expect(meaning({ conflictStatuses: [422] }, 422)).toBe('undetermined');
  });

  it('is the record state or the changes where it is not', () => {
    expect(meaning({ conflictStatuses: [412] }, 409)).toBe('state-conflict');
    expect(meaning({ conflictStatuses: [412] }, 409, 'Duplicate key')).toBe('duplicate');
    expect(meaning({ conflictStatuses: [409] }, 412)).toBe('version-conflict');
    expect(meaning({}, 422)).toBe('validation');
  });
});
