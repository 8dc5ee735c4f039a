import { describe, expect, it } from 'vitest';
import type { WritePlan } from '../../../lib/api/family';
import { createSapGateway } from '../../../lib/api/odata/sap-gateway';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import { answer } from './answers';
import { meaningOf, planFor, READ } from './odata-plans';

const BASE = 'https://s4.example/sap/opu/odata/sap/API_SALES_ORDER_SRV';
const GUID = '0a1b2c3d-0000-4000-8000-00000000abcd';
const v2 = createSapGateway(DEFAULT_API_SETTINGS);
const v4 = createSapGateway({ ...DEFAULT_API_SETTINGS, odataVersion: 'v4' });
const ref = v2.locate(BASE, 'A_SalesOrder', '4711');
const ETAG = `W/"datetimeoffset'2025-02-08T10%3A00%3A00.1234567Z'"`;

const ORDER = {
  __metadata: { id: ref.url, uri: ref.url, type: 'API_SALES_ORDER_SRV.A_SalesOrder', etag: ETAG },
  SalesOrder: '4711',
  TotalNetAmount: '12.50',
  Address: { __metadata: { type: 'Address' }, City: 'Ulm' },
  to_Item: { __deferred: { uri: `${ref.url}/to_Item` } },
};

describe('the address of an SAP record', () => {
  it('quotes text, also digits', () => {
    expect(ref.url).toBe(`${BASE}/A_SalesOrder('4711')`);
    const key = { SalesOrder: '4711', SalesOrderItem: '10' };
    expect(v2.locate(BASE, 'A_SalesOrderItem', key).url).toBe(
      `${BASE}/A_SalesOrderItem(SalesOrder='4711',SalesOrderItem='10')`,
    );
  });

  it.each([GUID, GUID.toUpperCase(), `{${GUID}}`, `guid'${GUID.toUpperCase()}'`])(
    'trap 25: writes the GUID %s in one spelling',
    key => {
      expect(v2.locate(BASE, 'Orders', key).url).toBe(`${BASE}/Orders(guid'${GUID}')`);
      expect(v4.locate(BASE, 'Orders', key).url).toBe(`${BASE}/Orders(${GUID})`);
      expect(v2.locate(BASE, 'Orders', { Key: key, Draft: 'x' }).url).toBe(
        `${BASE}/Orders(Key=guid'${GUID}',Draft='x')`,
      );
    },
  );
});

describe('an SAP request of OData V2', () => {
  it('reads the fields that are needed', () => {
    expect(v2.readRequest(ref, ['SalesOrder', 'TotalNetAmount'])).toEqual({
      method: 'GET',
      url: `${ref.url}?$select=SalesOrder,TotalNetAmount`,
      headers: { Accept: 'application/json', 'Cache-Control': 'no-cache' },
    });
  });

  it.each(['MERGE', 'PATCH'] as const)('sends the changes alone with %s', method => {
    const changes = { ...ORDER, __metadata: { etag: 'W/"old"' } };
    const plan = planFor(ref, { method, changes, precondition: { version: ETAG } });
    expect(v2.writeRequest(plan)).toEqual({
      method,
      url: ref.url,
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'If-Match': ETAG,
      },
      body: JSON.stringify({
        SalesOrder: '4711',
        TotalNetAmount: '12.50',
        Address: { __metadata: { type: 'Address' }, City: 'Ulm' },
      }),
    });
    expect(v2.sent(plan)).toEqual({ method, precondition: 'version' });
  });

  it('puts the whole record, without metadata and links, digit by digit', () => {
    const read = answer(200, `{"d":${JSON.stringify(ORDER).replace('"12.50"', '12.50')}}`);
    const plan = planFor(ref, { method: 'PUT', changes: { Address: { City: 'Bonn' } }, read });
    expect(v2.writeRequest(plan).body).toBe(
      '{"SalesOrder":"4711","TotalNetAmount":12.50,"Address":{"__metadata":{"type":"Address"},"City":"Bonn"}}',
    );
  });

  it('keeps fields that belong together: nothing is left out for being as before', () => {
    expect([v2.sendsOnlyDifferences, v4.sendsOnlyDifferences]).toEqual([false, false]);
  });

  it('has no actions on a record', () => {
    expect([v2.takesActions, v4.takesActions]).toEqual([false, true]);
  });
});

describe('an SAP request of OData V4', () => {
  it('asks for the record, without $select on a write', () => {
    expect(v4.writeRequest(planFor(ref))).toMatchObject({
      method: 'PATCH',
      url: ref.url,
      headers: { Prefer: 'return=representation', 'If-Match': '"1"' },
    });
    expect(v4.readRequest(ref, ['A']).url).toBe(`${ref.url}?$select=A`);
  });

  it('takes no MERGE', () => {
    expect(v4.methods).toEqual(['PATCH', 'PUT']);
    expect(() => v4.writeRequest(planFor(ref, { method: 'MERGE' }))).toThrow(
      expect.objectContaining({
        code: 'METHOD_UNSUPPORTED',
        message: 'SAP Gateway (OData V4) does not take MERGE. Use PATCH or PUT.',
      }),
    );
  });

  it('calls a bound action', () => {
    const action: WritePlan['action'] = { name: 'com.sap.Order.release', parameters: {} };
    expect(v4.writeRequest(planFor(ref, { action }))).toMatchObject({
      method: 'POST',
      url: `${ref.url}/com.sap.Order.release`,
      body: '{}',
    });
  });
});

describe('an SAP answer of OData V2', () => {
  it.each([ETAG, `W/"'20250208100000.1234567 '"`.replace(' ', '%20'), `W/"a,b"`, '"7"'])(
    'trap 12: the version %s leaves as it came',
    etag => {
      const body = { d: { ...ORDER, __metadata: { ...ORDER.__metadata, etag } } };
      const version = v2.versionOf(answer(200, body, { etag: 'W/"header"' }));
      expect(version).toBe(etag);
      const plan = planFor(ref, { method: 'MERGE', precondition: { version: version ?? '' } });
      expect(v2.writeRequest(plan).headers['If-Match']).toBe(etag);
    },
  );

  it('shows its version in the header where the body has none', () => {
    const body = { d: { SalesOrder: '4711' } };
    expect(v2.versionOf(answer(200, body, { etag: ETAG }))).toBe(ETAG);
    expect(v2.versionOf(answer(204, undefined, { etag: ETAG }))).toBe(ETAG);
  });

  it('trap 13: shows no version in a 204 without ETag', () => {
    expect(v2.versionOf(answer(204))).toBeUndefined();
    expect(v2.valuesOf(answer(204))).toBeUndefined();
  });

  it('shows the record without metadata and links', () => {
    expect(v2.valuesOf(answer(200, { d: ORDER }))).toEqual({
      SalesOrder: '4711',
      TotalNetAmount: '12.50',
      Address: { __metadata: { type: 'Address' }, City: 'Ulm' },
    });
    expect(v2.valuesOf(answer(200, { value: [] }))).toBeUndefined();
    expect(v2.valuesOf(answer(200, { d: [ORDER] }))).toBeUndefined();
  });

  it('shows nothing in a refusal', () => {
    expect(v2.versionOf(answer(412, { d: ORDER }, { etag: ETAG }))).toBeUndefined();
    expect(v2.valuesOf(answer(412, { d: ORDER }))).toBeUndefined();
  });
});

const said = (value: string, code = 'X/1') => ({ error: { code, message: { lang: 'en', value } } });

describe('the meaning of an SAP refusal', () => {
  it('row 18: 403 for want of a CSRF token', () => {
    const headers = { 'x-csrf-token': 'Required' };
    const verdict = meaningOf(v2, { status: 403, headers });
    expect(verdict.class).toBe('csrf');
    expect(verdict.fix).toContain('cookies');
    const body = 'CSRF token validation failed';
    expect(meaningOf(v4, { status: 403, body }).class).toBe('csrf');
    expect(meaningOf(v2, { status: 403, body: said('No', 'CSRF_TOKEN') }).class).toBe('csrf');
  });

  it('row 19: any other 403 is about rights', () => {
    expect(meaningOf(v2, { status: 403, body: said('No authorization') }).class).toBe('forbidden');
    const headers = { 'x-csrf-token': 'AbC' };
    expect(meaningOf(v2, { status: 403, headers }).class).toBe('forbidden');
  });

  it.each([
    'Sales document 4711 is locked by user MILLER',
    'The plant data of the material 1 is locked by MILLER',
    'The sales order 4711 is currently being processed by user MILLER.',
    'Order 4711 is already being processed by MILLER',
    'Commercial project 1 is being updated by MILLER',
    'User MILLER is already processing purchase order 1',
  ])('row 41: %s', text => {
    for (const status of [400, 409, 423, 500]) {
      const verdict = meaningOf(v2, { status, body: said(text) });
      expect(verdict).toMatchObject({ class: 'transient', code: 'RECORD_LOCKED' });
      // A failure may have come after the write.
      expect(verdict.ambiguous ?? false).toBe(status === 500);
    }
  });

  it.each(['MC/601', 'VL/045', 'co/469'])('row 41: the message %s in any language', code => {
    const body = said('Der Auftrag ist gesperrt', code);
    expect(meaningOf(v2, { status: 400, body })).toMatchObject({ code: 'RECORD_LOCKED' });
  });

  it('row 41: a lock that only the details tell', () => {
    const errordetails = [{ code: 'X/2', message: 'Order 4711 is locked by user MILLER' }];
    const error = { ...said('An exception was raised').error, innererror: { errordetails } };
    expect(meaningOf(v2, { status: 400, body: { error } })).toMatchObject({ class: 'transient' });
  });

  it.each(['Delivery is blocked by credit check', 'Enter a quantity', 'Item has been processed'])(
    'row 16: %s is no lock',
    text => {
      expect(meaningOf(v2, { status: 400, body: said(text) })).toEqual({ class: 'validation' });
    },
  );

  it('row 35: 412 in a parallel session', () => {
    const body = said('Data has been changed in a parallel session');
    expect(meaningOf(v2, { status: 412, body })).toEqual({ class: 'version-conflict' });
    expect(meaningOf(v2, { status: 409, body })).toEqual({ class: 'version-conflict' });
  });

  it('row 21: 404 means that the record is gone, whatever SAP calls it', () => {
    const body = said("Resource not found for segment 'A_SalesOrder'");
    expect(meaningOf(v2, { status: 404, body }, READ)).toEqual({ class: 'not-found' });
  });

  it('needs a CSRF token for writes', () => {
    expect([v2.needsCsrfToken, v4.needsCsrfToken]).toEqual([true, true]);
  });
});
