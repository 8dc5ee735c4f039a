import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBulkApi } from '../../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS, SAP_CX_LIST } from '../../../lib/api/bulk/settings';
import { createFamily } from '../../../lib/api/families';
import { DEFAULT_EXCHANGE, type ExchangeSettings } from '../../../lib/api/rest/exchange';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../lib/api/settings';
import type { RecordKey } from '../../../lib/record/fields';
import { parseBaseUrl, targetBelow } from '../../../lib/record/url';
import { ENDPOINT_FIELDS } from '../../../nodes/record-endpoint/config';
import { EXCHANGE_INPUTS } from '../../../nodes/record-endpoint/exchange-fields';
import { exchangeFor, exchangeInputs } from '../../../nodes/record-endpoint/exchange-settings';
import { apiSettings } from '../../../nodes/record-endpoint/settings';
import { defaultsOf } from '../../../nodes/shared/fields';
import { complete, faultIn } from '../../../nodes/shared/saved';

const BASE = 'https://api.example/base/v1';

type Parts = { [Part in keyof ExchangeSettings]?: Partial<ExchangeSettings[Part]> };

function exchange(parts: Parts): ExchangeSettings {
  const { v, ...members } = DEFAULT_EXCHANGE;
  const given = Object.entries(members).map(([name, part]: [string, object]) => [
    name,
    { ...part, ...parts[name as 'read'] },
  ]);
  return { v, ...Object.fromEntries(given) } as ExchangeSettings;
}

const rest = (parts: Parts, settings: Partial<ApiSettings> = {}) =>
  createFamily('rest', { ...DEFAULT_API_SETTINGS, ...settings, exchange: exchange(parts) });

const TEMPLATES = [
  '{collection}/{key}/',
  '{collection}/{key}.json',
  'a/{key}/{collection}/b',
  '{collection}({key})',
  '.{key}/x',
  '{key}..',
];
const STYLES = ['segment', 'slash', 'path', 'odata'] as const;

describe('the template of an address', () => {
  it('trap 22: whatever key and collection, stays below the base URL at the path that was built', () => {
    const odd = fc.string({
      unit: fc.constantFrom(...'a./\\%2eE5c;?#()\'" \u2024\uff0e\u0000:@&=+'.split('')),
      maxLength: 12,
    });
    const text = fc.oneof(odd, fc.string(), fc.constantFrom('..', '.', '%2e%2e', 'a/../b', '..;x'));
    fc.assert(
      fc.property(
        fc.constantFrom(...TEMPLATES),
        fc.constantFrom(...STYLES),
        text,
        fc.oneof(text, fc.constant('orders')),
        (template, key, given, collection) => {
          const family = rest({ address: { template, key } });
          let url: string;
          try {
            url = family.locate(BASE, collection, given).url;
          } catch (error) {
            expect(['KEY_INVALID', 'COLLECTION_INVALID']).toContain(
              (error as { code?: string }).code,
            );
            return;
          }
          const target = targetBelow(parseBaseUrl(BASE), url);
          expect(`${target?.origin ?? ''}${target?.path ?? ''}`).toBe(url);
          // No step up or aside in any spelling, and none that is empty.
          const steps = decodeURIComponent(new URL(url).pathname).replaceAll('\\', '/').split('/');
          expect(steps.filter(step => /^\.{1,2}$/.test(step))).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('trap 25: gives two keys two addresses', () => {
    const part = fc.string({
      unit: fc.constantFrom(...'a1/%2F. '.split('')),
      minLength: 1,
      maxLength: 6,
    });
    const family = rest({ address: { template: '{collection}/{key.A}/{key.B}/', key: 'slash' } });
    const address = (key: RecordKey): string | undefined => {
      try {
        return family.locate(BASE, 'orders', key).url;
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const [one, other] = [address({ A: a, B: b }), address({ A: c, B: d })];
        if (one === undefined || other === undefined) return;
        expect(one === other).toBe(a === c && b === d);
      }),
    );
  });

  it.each<[Partial<ExchangeSettings['address']>, RecordKey]>([
    [{ template: '{collection}/{key}/' }, { A: 1 }],
    [{ template: '{collection}/{key.A}' }, 'x'],
    [{ template: '{collection}/{key.A}' }, { A: 1, B: 2 }],
    [{ template: '{collection}/{key.A}' }, { B: 2 }],
    [{ template: '{collection}/{key}/' }, 'a/b'],
    [{ template: '{collection}/{key}', key: 'path' }, 'a/../b'],
    [{ template: '{collection}/{key}', key: 'slash' }, 'a/%2e%2e/b'],
  ])('%j refuses the key %j', (address, key) => {
    expect(() => rest({ address }).locate(BASE, 'orders', key)).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID' }),
    );
  });

  it('ends actions as it ends records', () => {
    const family = rest({ address: { template: '{collection}/{key}/' } });
    const { url } = family.locate(BASE, 'orders', 1);
    expect(family.actionUrl(url, 'complete')).toBe(`${BASE}/orders/1/complete/`);
  });
});

describe('a description that no request could follow', () => {
  const named: Partial<ApiSettings> = { versionFrom: 'field', versionField: 'version' };
  it.each<[string, Parts, Partial<ApiSettings>?]>([
    ['address.template', { address: { template: '{collection}/' } }],
    ['address.template', { address: { template: '{collection}/{id}' } }],
    ['address.template', { address: { template: '{collection}/{key' } }],
    ['address.template', { address: { template: '../{collection}/{key}' } }],
    ['address.template', { address: { template: '/{collection}/{key}' } }],
    ['address.template', { address: { template: 'https://evil.example/{key}' } }],
    ['address.template', { address: { template: '{collection}//{key}' } }],
    ['address.template', { address: { template: '%2e%2e/{key}' } }],
    ['address.template', { address: { template: '{collection}/{key}?x=1' } }],
    ['address.writeTemplate', { address: { writeTemplate: '{collection}' } }],
    ['media.accept', { media: { accept: 'json' } }],
    ['media.contentType', { media: { contentType: 'application/json\r\nX: 1' } }],
    ['read.query', { read: { query: 'a=1&a=2' } }],
    ['read.query', { read: { query: 'a={fields}' } }],
    ['read.query', { read: { query: 'fields=x' } }, { fieldsParameter: 'fields' }],
    ['write.query', { write: { query: '?a=1' } }],
    ['write.methodHeader', { write: { methodHeader: 'Content-Length' } }],
    ['write.methodHeader', { write: { methodHeader: 'a b' } }],
    ['write.headers', { write: { headers: { Host: 'evil.example' } } }],
    ['write.headers', { write: { headers: { 'Transfer-Encoding': 'chunked' } } }],
    ['write.headers', { write: { headers: { 'X-A': 'a\r\nb' } } }],
    ['write.headers', { write: { headers: { 'X-A': '1', 'x-a': '2' } } }],
    ['write.headers', { write: { headers: { 'X-M': '1' }, methodHeader: 'x-m' } }],
    ['write.headers', { write: { headers: { 'X-A': '1' } }, address: { headers: { 'x-a': 'b' } } }],
    ['write.path', { write: { path: 'a..b' } }],
    ['write.path', { write: { path: 'ticket.' } }],
    ['write.members', { write: { members: { a: '{id}' } } }],
    ['write.methods', { read: { record: 'text' } }],
    ['version.names', { version: { to: 'query', names: [] } }],
    ['version.names', { version: { to: 'query', names: ['v', 'v'], more: ['n'] } }, named],
    ['version.names', { version: { to: 'header', names: ['Host'] } }],
    [
      'version.names',
      { version: { to: 'header', names: ['X-V'] }, write: { headers: { 'x-v': '1' } } },
    ],
    ['version.names', { version: { to: 'body', names: ['a..b'] } }],
    ['version.names', { version: { to: 'body', names: ['@odata.etag'] } }],
    ['version.to', { version: { more: ['n'] } }, named],
    ['version.more', { version: { more: ['n'] } }],
    ['write.query', { version: { to: 'query', names: ['V'] }, write: { query: 'v=1' } }],
    ['version.to', { version: { to: 'query', names: ['v'] } }, { unmodifiedSince: true }],
    ['answers.state.statuses', { answers: { state: { statuses: [404], text: '' } } }],
    [
      'answers',
      { answers: { state: { statuses: [422], text: '' }, again: { statuses: [422], text: '' } } },
    ],
    ['answers.refusedValue', { answers: { refusedValue: 'no' } }],
  ])('names %s: %j', (field, parts, settings) => {
    expect(() => rest(parts, settings)).toThrow(
      expect.objectContaining({
        code: 'EXCHANGE_INVALID',
        message: expect.stringContaining(`"${field}"`) as string,
      }),
    );
  });

  it('is of a later version', () => {
    const later = { ...DEFAULT_EXCHANGE, v: 2 as never };
    expect(() => createFamily('rest', { ...DEFAULT_API_SETTINGS, exchange: later })).toThrow(
      expect.objectContaining({ code: 'EXCHANGE_INVALID' }),
    );
  });

  it('names a parameter of every request, too', () => {
    const parts: Parts = { version: { to: 'query', names: ['cas'] } };
    expect(() => rest(parts, { query: 'cas=1' })).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID' }),
    );
  });
});

describe('an endpoint that was stored before there was a description', () => {
  it.each<[string, object, object]>([
    ['an ETag', {}, { 'If-Match': '"7"' }],
    ['a field', { versionFrom: 'field', versionField: 'version' }, { 'If-Match': '"7"' }],
    [
      'a field in the body',
      { versionFrom: 'field', versionField: 'version', versionTo: 'field' },
      {},
    ],
  ])('sends what it sent: %s', (_what, older, headers) => {
    const saved = {
      type: 'record-endpoint',
      server: 'url',
      family: 'rest',
      baseUrl: BASE,
      ...older,
    };
    const config = complete(ENDPOINT_FIELDS, saved);
    expect(faultIn(ENDPOINT_FIELDS, saved)).toBeUndefined();
    expect(apiSettings(config).exchange).toEqual(DEFAULT_EXCHANGE);
    const family = createFamily('rest', apiSettings(config));
    const ref = family.locate(BASE, 'orders', 1);
    const read = {
      kind: 'answer',
      status: 200,
      headers: { etag: '"7"' },
      text: '{"version":7}',
      json: { version: 7 },
      roundTripMs: 0,
    } as const;
    const request = family.writeRequest({
      ref,
      method: 'PATCH',
      changes: { status: 'Done' },
      precondition: { version: family.versionOf(read) ?? '' },
    });
    const isInBody = Object.keys(headers).length === 0;
    expect(request).toEqual({
      method: 'PATCH',
      url: `${BASE}/orders/1`,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', ...headers },
      body: isInBody ? '{"status":"Done","version":7}' : '{"status":"Done"}',
    });
  });

  it('is refused by its field where it was described by hand', () => {
    const described = { ...DEFAULT_EXCHANGE, address: { template: '{collection}/' } };
    const saved = { server: 'url', family: 'rest', baseUrl: BASE, exchange: described };
    expect(() => apiSettings(complete(ENDPOINT_FIELDS, saved))).toThrow(
      expect.objectContaining({
        code: 'EXCHANGE_INVALID',
        message: expect.stringContaining('Address template has no {key}') as string,
      }),
    );
  });
});

describe('many records', () => {
  it('are read below the collection, whatever the template of one of them', () => {
    const exchanged = exchange({ address: { template: '{collection}/by-id/{key}/' } });
    const settings = { ...DEFAULT_API_SETTINGS, exchange: exchanged };
    const family = createFamily('rest', settings);
    const list = { ...SAP_CX_LIST, items: '' };
    const bulk = { ...DEFAULT_BULK_SETTINGS, list };
    const { reads } = createBulkApi(family, { settings, bulk, baseUrl: BASE });
    const refs = [1, 2].map(key => family.locate(BASE, 'orders', key));
    expect(reads?.request(refs, undefined).request.url).toBe(`${BASE}/orders?ids=1,2`);
  });
});

describe('the inputs of the dialog', () => {
  const inputs = defaultsOf(EXCHANGE_INPUTS);

  it('stand for the default, and for nothing where nothing is stored', () => {
    expect(exchangeFor(inputs)).toEqual(DEFAULT_EXCHANGE);
    for (const stored of [undefined, null, 'x', {}, { write: 7 }, DEFAULT_EXCHANGE]) {
      expect(exchangeInputs(stored)).toEqual(inputs);
    }
  });

  it('show what is stored, and store what they show', () => {
    const stored = exchange({
      address: { template: '{key}/', key: 'slash' },
      write: { methods: ['PATCH', 'PUT'], headers: { 'x-a': '1' }, members: { a: { b: 1 } } },
      version: { more: ['b'], to: 'query', names: ['x', 'y'] },
      answers: { state: { statuses: [409, 422], text: 'closed' } },
    });
    const shown = exchangeInputs(stored) as typeof inputs;
    expect(exchangeFor(shown)).toEqual(stored);
    const wrong = { ...shown, writeMembers: '{"a"', stateStatuses: 'x, 409', writeHeaders: 'x' };
    const kept = exchangeInputs(exchangeFor(wrong));
    expect(kept).toMatchObject({
      writeMembers: '{"a"',
      stateStatuses: 'x, 409',
      writeHeaders: 'x',
    });
  });
});
