import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDataverse } from '../../../lib/api/odata/dataverse';
import { createRest } from '../../../lib/api/rest/rest';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../lib/api/settings';
import { withUnmodifiedSince } from '../../../lib/api/unmodified-since';
import { answer } from './answers';
import { planFor } from './odata-plans';

const DATE = 'Sun, 08 Feb 2026 10:00:00 GMT';

function dated(settings: Partial<ApiSettings> = {}) {
  const all = { ...DEFAULT_API_SETTINGS, unmodifiedSince: true, ...settings };
  return withUnmodifiedSince(createRest(all), all);
}

/** What a write sends that was read with this time. */
function sentFor(modifiedAt: string | undefined) {
  const family = dated();
  const ref = family.locate('https://mes.example', 'orders', 1);
  const precondition = { version: '"1"', ...(modifiedAt === undefined ? {} : { modifiedAt }) };
  return family.writeRequest(planFor(ref, { precondition })).headers['If-Unmodified-Since'];
}

describe('withUnmodifiedSince', () => {
  it('costs nothing when the setting is off', () => {
    const rest = createRest(DEFAULT_API_SETTINGS);
    expect(withUnmodifiedSince(rest, DEFAULT_API_SETTINGS)).toBe(rest);
  });

  it('sends an HTTP date as it came, and any other time rounded up', () => {
    expect(sentFor(DATE)).toBe(DATE);
    expect(sentFor('2026-02-08T10:00:00Z')).toBe(DATE);
    expect(sentFor('2026-02-08T10:59:59.0000001+01:00')).toBe(DATE);
    expect(sentFor('/Date(1770544799001)/')).toBe(DATE);
    expect(sentFor('1969-12-31T23:59:59.5Z')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
  });

  it('never sends a time before the last change, nor more than a second after it', () => {
    const day = { min: new Date('1900-01-01'), max: new Date('9999-12-30'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(day), date => {
        const late = Date.parse(sentFor(date.toISOString()) ?? '') - date.getTime();
        expect(late >= 0 && late < 1000).toBe(true);
      }),
    );
  });

  it('sends nothing where there is no time, and nothing when forced', () => {
    for (const time of [undefined, '', 'yesterday', '2026-02-08', '2026-02-08T10:00:00']) {
      expect(sentFor(time)).toBeUndefined();
    }
    const family = dated();
    const ref = family.locate('https://mes.example', 'orders', 1);
    const { headers } = family.writeRequest(planFor(ref, { precondition: 'any' }));
    expect(headers['If-Match']).toBe('*');
    expect(headers).not.toHaveProperty('If-Unmodified-Since');
  });

  it('finds the time in the header, or in the field that is named', () => {
    const headers = { 'last-modified': DATE };
    const body = { data: { meta: { changedAt: '2026-02-08T09:00:00Z' } } };
    const read = answer(200, body, headers);
    expect(dated().modifiedAtOf?.(read)).toBe(DATE);
    const recordPath = 'data';
    for (const modifiedField of ['data.meta.changedAt', 'meta.changedAt']) {
      const family = dated({ recordPath, modifiedField });
      expect(family.modifiedAtOf?.(read)).toBe('2026-02-08T09:00:00Z');
    }
  });

  it('finds none in a refusal, or where it is not a time', () => {
    const headers = { 'last-modified': DATE };
    expect(dated().modifiedAtOf?.(answer(409, {}, headers))).toBeUndefined();
    expect(dated().modifiedAtOf?.(answer(200, {}, { 'last-modified': 'x' }))).toBeUndefined();
    expect(dated().modifiedAtOf?.(answer(200, {}))).toBeUndefined();
    const inField = dated({ modifiedField: 'changedAt' });
    for (const changedAt of [undefined, 5, null, 'x']) {
      expect(inField.modifiedAtOf?.(answer(200, { changedAt }, headers))).toBeUndefined();
    }
    expect(inField.modifiedAtOf?.(answer(204, undefined, headers))).toBeUndefined();
  });

  it('reads the field of the time along with the others', () => {
    const settings = {
      ...DEFAULT_API_SETTINGS,
      unmodifiedSince: true,
      modifiedField: 'modifiedon',
    };
    const family = withUnmodifiedSince(createDataverse(), settings);
    const ref = family.locate('https://org.example', 'accounts', { accountnumber: 1 });
    expect(family.readRequest(ref, ['name']).url).toBe(`${ref.url}?$select=name,modifiedon`);
    expect(family.readRequest(ref, undefined).url).toBe(ref.url);
    expect(family.readRequest(ref, []).url).toBe(ref.url);
    const read = answer(200, { name: 'A', modifiedon: '2026-02-08T09:00:00Z' });
    expect(family.modifiedAtOf?.(read)).toBe('2026-02-08T09:00:00Z');
  });
});
