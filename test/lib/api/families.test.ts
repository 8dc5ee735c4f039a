import { describe, expect, it } from 'vitest';
import { createFamily } from '../../../lib/api/families';
import { FAMILY_IDS } from '../../../lib/api/family-ids';
import type { ApiFamily, WritePlan } from '../../../lib/api/family';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import { answer } from './answers';

const BASE = 'https://api.example/base';
const RECORD = { id: 1, a: 0, _rev: '1-a' };

/** A key that the family takes for a record. */
const KEYS: Readonly<Record<string, string>> = { dataAreaId: 'usmf', OrderNumber: '1' };

function keyFor({ id }: ApiFamily) {
  if (id === 'dataverse') return { ordernumber: '1' };
  return id === 'finance-operations' ? KEYS : 1;
}

function planOf(family: ApiFamily, precondition: WritePlan['precondition']): WritePlan {
  return {
    ref: family.locate(BASE, 'orders', keyFor(family)),
    method: family.methods[0] ?? 'PATCH',
    changes: { a: 1 },
    precondition,
    read: answer(200, family.id === 'sap-gateway' ? { d: RECORD } : RECORD),
  };
}

describe('createFamily', () => {
  it.each(FAMILY_IDS)('creates %s', id => {
    expect(createFamily(id, DEFAULT_API_SETTINGS).id).toBe(id);
  });

  it('names the choices when there is no such family', () => {
    expect(() => createFamily('soap', DEFAULT_API_SETTINGS)).toThrow(
      expect.objectContaining({
        code: 'FAMILY_UNKNOWN',
        message: expect.stringContaining('dataverse, finance-operations') as string,
      }),
    );
  });

  it.each(FAMILY_IDS)('%s: adds the query to reads and writes, not to the address', id => {
    const family = createFamily(id, { ...DEFAULT_API_SETTINGS, query: 'sap-client=100' });
    const version = family.canForce ? '"1"' : '1-a';
    const plan = planOf(family, { version });
    expect(plan.ref.url).not.toContain('sap-client');
    for (const { url } of [family.readRequest(plan.ref, ['a']), family.writeRequest(plan)]) {
      expect(new URL(url).searchParams.get('sap-client')).toBe('100');
    }
  });

  it.each(FAMILY_IDS)('%s: sends If-Unmodified-Since beside If-Match only, when told to', id => {
    const settings = { ...DEFAULT_API_SETTINGS, unmodifiedSince: true };
    if (id === 'couchdb') {
      expect(() => createFamily(id, settings)).toThrow(
        expect.objectContaining({ code: 'UNMODIFIED_SINCE_UNSUPPORTED' }),
      );
      return;
    }
    const family = createFamily(id, settings);
    const plan = planOf(family, { version: '"1"', modifiedAt: '2026-02-08T10:00:00Z' });
    expect(family.writeRequest(plan).headers).toMatchObject({
      'If-Match': '"1"',
      'If-Unmodified-Since': 'Sun, 08 Feb 2026 10:00:00 GMT',
    });
  });
});

describe('every family', () => {
  it.each(FAMILY_IDS)('%s: trap 22: reaches exactly the record of a key or refuses it', id => {
    const family = createFamily(id, DEFAULT_API_SETTINGS);
    const hostile = ["O'Neil", 'a/b', '..', '%2e%2e', 'x\\..\\y', '1)/Action(', '//evil', 'a?b#c'];
    for (const key of hostile) {
      try {
        const named = id === 'finance-operations' ? { ...KEYS, OrderNumber: key } : key;
        const url = new URL(family.locate(BASE, 'orders', named).url);
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
    const family = createFamily(id, DEFAULT_API_SETTINGS);
    expect(() => family.writeRequest(planOf(family, {} as { version: string }))).toThrow(
      expect.objectContaining({ code: 'VERSION_INVALID' }),
    );
    if (family.canForce) {
      expect(family.writeRequest(planOf(family, 'any')).headers['If-Match']).toBe('*');
    } else {
      expect(() => family.writeRequest(planOf(family, 'any'))).toThrow(
        expect.objectContaining({ code: 'FORCE_UNSUPPORTED' }),
      );
    }
  });

  it.each(FAMILY_IDS)('%s: says in words how a record gets a version', id => {
    expect(createFamily(id, DEFAULT_API_SETTINGS).noVersionFix).toMatch(/^[A-Z].+\.$/);
  });
});
