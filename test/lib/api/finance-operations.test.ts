import { describe, expect, it } from 'vitest';
import { createFinanceOperations } from '../../../lib/api/odata/finance-operations';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import type { RecordKey } from '../../../lib/record/fields';
import { answer } from './answers';
import { ACTION, meaningOf, planFor, READ } from './odata-plans';

const BASE = 'https://erp.example/data';
const finance = createFinanceOperations(DEFAULT_API_SETTINGS);
const ownCompany = createFinanceOperations({ ...DEFAULT_API_SETTINGS, crossCompany: false });
const KEY = { dataAreaId: 'USMF', SalesOrderNumber: 'SO-2025-0145' };
const ref = finance.locate(BASE, 'SalesOrderHeadersV2', KEY);
const UPDATE_CONFLICT =
  'Cannot edit a record in Sales orders (SalesTable). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.';

describe('the address of a Finance & Operations record', () => {
  it('names company and key', () => {
    expect(ref).toEqual({
      collection: 'SalesOrderHeadersV2',
      key: KEY,
      url: `${BASE}/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO-2025-0145')`,
    });
  });

  it.each<RecordKey>([
    { dataAreaId: 'usmf', SalesOrderNumber: 'SO-2025-0145' },
    { SalesOrderNumber: 'SO-2025-0145', dataAreaId: 'UsMf' },
  ])('trap 25: is one for every spelling of the company and every order: %j', key => {
    expect(finance.locate(BASE, 'SalesOrderHeadersV2', key).url).toBe(ref.url);
  });

  it('keeps the case of everything but the company', () => {
    const key = { dataAreaId: 'usmf', SalesOrderNumber: 'so-1', LineNumber: 2 };
    expect(finance.locate(BASE, 'Lines', key).url).toBe(
      `${BASE}/Lines(dataAreaId='usmf',LineNumber=2,SalesOrderNumber='so-1')`,
    );
  });

  it.each<[unknown]>([
    ['SO-2025-0145'],
    [145],
    [{ SalesOrderNumber: 'SO-2025-0145' }],
    [{ dataAreaId: 'usmf' }],
    [{ dataAreaId: 100, SalesOrderNumber: 'SO-1' }],
    [{ DataAreaId: 'usmf', SalesOrderNumber: 'SO-1' }],
    [['usmf', 'SO-1']],
    [null],
  ])('refuses the key %j and shows a right one', key => {
    expect(() => finance.locate(BASE, 'SalesOrderHeadersV2', key as RecordKey)).toThrow(
      expect.objectContaining({
        code: 'KEY_INVALID',
        message: expect.stringContaining('{"dataAreaId": "USMF", "SalesOrderNumber"') as string,
      }),
    );
  });

  it.each(["O'Neil", 'a/b', '%2e%2e', 'x\\..\\y', '//evil'])(
    'trap 22: hits exactly the record with the key %s',
    value => {
      const { url } = finance.locate(BASE, 'Customers', { dataAreaId: 'usmf', Account: value });
      const [, literal = ''] = /Account='(.*)'\)$/.exec(url) ?? [];
      expect(decodeURIComponent(literal).replaceAll("''", "'")).toBe(value);
      expect(literal).toMatch(/^[A-Za-z0-9._~%-]*$/);
    },
  );

  it.each(['1)/Action(', '', 'a\r\nb'])('trap 22: refuses the key value %j', value => {
    const parts = [
      { dataAreaId: value, Account: '1' },
      { dataAreaId: 'usmf', Account: value },
    ];
    for (const key of parts) {
      expect(() => finance.locate(BASE, 'Customers', key)).toThrow(
        expect.objectContaining({ code: 'KEY_INVALID' }),
      );
    }
  });
});

describe('a Finance & Operations request', () => {
  it('reads across companies', () => {
    expect(finance.readRequest(ref, ['SalesOrderStatus']).url).toBe(
      `${ref.url}?cross-company=true&$select=SalesOrderStatus`,
    );
    expect(finance.readRequest(ref, undefined).url).toBe(`${ref.url}?cross-company=true`);
    expect(ownCompany.readRequest(ref, ['A']).url).toBe(`${ref.url}?$select=A`);
    expect(ownCompany.readRequest(ref, undefined).url).toBe(ref.url);
  });

  it('writes across companies, with the ETag as it came', () => {
    const precondition = { version: 'W/"JzEsNTYzNzE0NDU3Njsw"' };
    const changes = { '@odata.etag': 'W/"x"', SalesStatus: 'Delivered' };
    expect(finance.writeRequest(planFor(ref, { changes, precondition }))).toEqual({
      method: 'PATCH',
      url: `${ref.url}?cross-company=true`,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Content-Type': 'application/json',
        'If-Match': 'W/"JzEsNTYzNzE0NDU3Njsw"',
      },
      body: '{"SalesStatus":"Delivered"}',
    });
    expect(ownCompany.writeRequest(planFor(ref)).url).toBe(ref.url);
  });

  it('calls an action of the record across companies', () => {
    const name = 'Microsoft.Dynamics.DataEntities.UpdateOrderStatus';
    const plan = planFor(ref, { action: { name, parameters: { status: 'Shipped' } } });
    const request = finance.writeRequest(plan);
    expect(request).toMatchObject({
      method: 'POST',
      url: `${ref.url}/${name}?cross-company=true`,
      body: '{"status":"Shipped"}',
    });
    expect(request.headers).toMatchObject({ 'If-Match': '"1"' });
    expect(finance.sent(plan)).toEqual({ method: 'POST', precondition: 'version' });
  });

  it.each(['PUT', 'MERGE'] as const)('takes no %s', method => {
    expect(() => finance.writeRequest(planFor(ref, { method }))).toThrow(
      expect.objectContaining({ code: 'METHOD_UNSUPPORTED' }),
    );
  });

  it('sends only what differs', () => {
    expect(finance.sendsOnlyDifferences).toBe(true);
  });
});

describe('a Finance & Operations answer', () => {
  it('shows its version in the body, else in the header', () => {
    const headers = { etag: 'W/"header"' };
    expect(finance.versionOf(answer(200, { '@odata.etag': 'W/"body"' }, headers))).toBe('W/"body"');
    expect(finance.versionOf(answer(200, { SalesStatus: 'Open' }, headers))).toBe('W/"header"');
    expect(finance.versionOf(answer(200, { SalesStatus: 'Open' }))).toBeUndefined();
    expect(finance.noVersionFix).toContain('SalesOrderHeadersV2');
  });
});

describe('the meaning of a Finance & Operations refusal', () => {
  it.each([400, 500])('row 13: %i with the text of an update conflict', status => {
    const conflict = { class: 'version-conflict' };
    const plain = { error: { code: '', message: UPDATE_CONFLICT } };
    expect(meaningOf(finance, { status, body: plain })).toEqual(conflict);
    const hidden = { message: 'An error has occurred.', innererror: { message: UPDATE_CONFLICT } };
    expect(meaningOf(finance, { status, body: { error: hidden } })).toEqual(conflict);
    const deeper = { innererror: { internalexception: { message: UPDATE_CONFLICT } } };
    expect(meaningOf(finance, { status, body: { error: deeper } })).toEqual(conflict);
    expect(meaningOf(finance, { status, body: UPDATE_CONFLICT })).toEqual(conflict);
  });

  it('passes on what an inner error says, once', () => {
    const error = { message: 'No.', innererror: { message: 'Credit limit.' }, details: [null, 1] };
    expect(finance.errorOf(answer(400, { error }))).toEqual({ message: 'No. Credit limit.' });
    const same = { message: 'No.', innererror: { message: 'No.', stacktrace: 'at A.b()' } };
    expect(finance.errorOf(answer(400, { error: same }))).toEqual({ message: 'No.' });
  });

  it.each([
    { error: { message: "Resource not found for the segment 'SalesOrderHeader'." } },
    { Message: 'No HTTP resource was found that matches the request URI' },
  ])('row 20: 404 about the address: %j', body => {
    const unknown = meaningOf(finance, { status: 404, body }, READ);
    expect(unknown).toMatchObject({ class: 'unsupported', code: 'COLLECTION_UNKNOWN' });
    const noAction = meaningOf(ownCompany, { status: 404, body }, ACTION);
    expect(noAction).toMatchObject({ class: 'unsupported', code: 'ACTION_UNKNOWN' });
  });

  it('row 20: 404 without cross-company says how to look further', () => {
    const verdict = meaningOf(ownCompany, { status: 404 }, READ);
    expect(verdict).toMatchObject({ class: 'unsupported', code: 'CROSS_COMPANY_OFF' });
    expect(verdict.fix).toContain('cross-company');
  });

  it('row 21: 404 with cross-company means that the record is gone', () => {
    expect(meaningOf(finance, { status: 404 })).toEqual({ class: 'not-found' });
  });

  it('row 26: 409 modified by another user', () => {
    const body = { error: { message: 'The record has been modified by another user.' } };
    expect(meaningOf(finance, { status: 409, body })).toEqual({ class: 'version-conflict' });
  });
});
