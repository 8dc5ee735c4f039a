import { describe, expect, it } from 'vitest';
import { createFamily, FAMILY_IDS } from '../../../lib/api/families';
import type { RestSettings, WritePlan } from '../../../lib/api/family';

const SETTINGS: RestSettings = {
  versionFrom: 'etag',
  versionField: '',
  versionTo: 'header',
  recordPath: '',
  conflictStatuses: [409, 412],
  missingMeansNull: false,
};

describe('createFamily', () => {
  it.each(FAMILY_IDS)('creates %s', id => {
    expect(createFamily(id, SETTINGS).id).toBe(id);
  });

  it('names the choices when there is no such family', () => {
    expect(() => createFamily('soap', SETTINGS)).toThrow(
      expect.objectContaining({
        code: 'FAMILY_UNKNOWN',
        message: expect.stringContaining('dataverse, rest') as string,
      }),
    );
  });
});

describe('every family', () => {
  it.each(FAMILY_IDS)('%s: trap 22: reaches exactly the record of a key or refuses it', id => {
    const family = createFamily(id, SETTINGS);
    const base = 'https://api.example/base';
    const hostile = ["O'Neil", 'a/b', '..', '%2e%2e', 'x\\..\\y', '1)/Action(', '//evil', 'a?b#c'];
    for (const key of hostile) {
      try {
        const url = new URL(family.locate(base, 'orders', key).url);
        expect(url.origin).toBe('https://api.example');
        expect(url.pathname).toMatch(/^\/base\/orders(?:\/[^/]+|\([^/]+\))$/);
        expect(decodeURIComponent(url.pathname).replaceAll("''", "'")).toContain(key);
        expect(url.search + url.hash).toBe('');
      } catch (error) {
        expect(error).toMatchObject({ code: 'KEY_INVALID' });
      }
    }
  });

  it.each(FAMILY_IDS)('%s: trap 10: builds no write without a precondition', id => {
    const family = createFamily(id, SETTINGS);
    const ref = family.locate('https://api.example', 'orders', 1);
    const plan: WritePlan = { ref, method: 'PATCH', changes: { a: 1 }, precondition: 'any' };
    expect(family.writeRequest(plan).headers['If-Match']).toBe('*');
    const careless = { ...plan, precondition: {} } as unknown as WritePlan;
    expect(() => family.writeRequest(careless)).toThrow(
      expect.objectContaining({ code: 'VERSION_INVALID' }),
    );
  });
});
