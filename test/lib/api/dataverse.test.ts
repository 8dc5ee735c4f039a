import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDataverse } from '../../../lib/api/odata/dataverse';
import type { WritePlan } from '../../../lib/api/family';
import { classify } from '../../../lib/outcome/classify';
import type { Sent, Verdict } from '../../../lib/outcome/row';
import { answer } from './answers';

const BASE = 'https://org.example/api/data/v9.0';
const GUID = '0a1b2c3d-0000-4000-8000-00000000abcd';
const dataverse = createDataverse();
const ref = dataverse.locate(BASE, 'salesorders', GUID);

function plan(changes: WritePlan['changes'], precondition: WritePlan['precondition']): WritePlan {
  return { ref, method: 'PATCH', changes, precondition };
}

describe('the address of a Dataverse record', () => {
  it.each([GUID, GUID.toUpperCase(), `{${GUID}}`, `'${GUID.toUpperCase()}'`])(
    'is one for every spelling of a GUID: %s',
    key => {
      expect(dataverse.locate(BASE, 'salesorders', key)).toEqual({
        collection: 'salesorders',
        key,
        url: `${BASE}/salesorders(${GUID})`,
      });
    },
  );

  it('names an alternate key', () => {
    const { url } = dataverse.locate(BASE, 'salesorders', { ordernumber: 'SO-1' });
    expect(url).toBe(`${BASE}/salesorders(ordernumber='SO-1')`);
  });
});

describe('a Dataverse read', () => {
  it('asks for the fields that are needed, lookups by the name they are read under', () => {
    const fields = ['name', 'customerid_account@odata.bind', '_customerid_value', 'a&$expand=b'];
    expect(dataverse.readRequest(ref, fields)).toEqual({
      method: 'GET',
      url: `${ref.url}?$select=name,_customerid_value,a%26%24expand%3Db`,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Cache-Control': 'no-cache',
      },
    });
  });

  it('asks for everything when no field is named', () => {
    expect(dataverse.readRequest(ref, undefined).url).toBe(ref.url);
    expect(dataverse.readRequest(ref, []).url).toBe(ref.url);
  });
});

describe('a Dataverse write', () => {
  it('sends the version and asks for the new one', () => {
    const changes = { name: 'A', 'customerid_account@odata.bind': '/accounts(1)' };
    expect(dataverse.writeRequest(plan(changes, { version: 'W/"468026"' }))).toEqual({
      method: 'PATCH',
      url: `${ref.url}?$select=name,_customerid_value`,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Content-Type': 'application/json',
        'If-Match': 'W/"468026"',
        Prefer: 'return=representation',
      },
      body: JSON.stringify(changes),
    });
  });

  it('never echoes annotations', () => {
    const changes = {
      '@odata.etag': 'W/"1"',
      'name@OData.Community.Display.V1.FormattedValue': 'x',
      name: 'A',
    };
    const { body, url } = dataverse.writeRequest(plan(changes, { version: 'W/"1"' }));
    expect(body).toBe('{"name":"A"}');
    expect(url).toBe(`${ref.url}?$select=name`);
    expect(dataverse.cleanChanges(changes)).toEqual({ name: 'A' });
  });

  it('trap 10: sends If-Match: * only when forced', () => {
    const forced = plan({ name: 'A' }, 'any');
    expect(dataverse.writeRequest(forced).headers['If-Match']).toBe('*');
    expect(dataverse.sent(forced)).toEqual({ method: 'PATCH', precondition: 'any' });
    expect(() => dataverse.writeRequest(plan({ name: 'A' }, { version: '*' }))).toThrow(
      expect.objectContaining({ code: 'VERSION_INVALID' }),
    );
  });

  it.each([undefined as never, null as never, '', '日本', 'W/"1"\r\nX-Evil: 1', '468026'])(
    'trap 11: refuses the version %j before any request',
    (version: string) => {
      const bad = plan({ name: 'A' }, { version });
      expect(() => dataverse.writeRequest(bad)).toThrow(
        expect.objectContaining({ code: 'VERSION_INVALID' }),
      );
    },
  );

  it('trap 12: sends every ETag back byte for byte', () => {
    const etagc = fc.integer({ min: 0x21, max: 0x7e }).filter(code => code !== 0x22);
    const etag = fc
      .tuple(fc.constantFrom('', 'W/'), fc.array(etagc))
      .map(([weak, codes]) => `${weak}"${String.fromCharCode(...codes)}"`);
    fc.assert(
      fc.property(etag, version => {
        const request = dataverse.writeRequest(plan({ name: 'A' }, { version }));
        expect(request.headers['If-Match']).toBe(version);
        expect(dataverse.versionOf(answer(200, { '@odata.etag': version }))).toBe(version);
      }),
    );
    for (const version of ['W/"a,b"', `W/"datetimeoffset'2026-02-08T10%3A00%3A00Z'"`]) {
      const request = dataverse.writeRequest(plan({ name: 'A' }, { version }));
      expect(request.headers['If-Match']).toBe(version);
    }
  });

  it('refuses PUT, which would reset every other column', () => {
    const put: WritePlan = { ...plan({ name: 'A' }, { version: 'W/"1"' }), method: 'PUT' };
    expect(() => dataverse.writeRequest(put)).toThrow(
      expect.objectContaining({ code: 'METHOD_UNSUPPORTED' }),
    );
    expect(dataverse.methods).toEqual(['PATCH']);
  });

  it('calls an action of the record in place of a write', () => {
    const name = 'Microsoft.Dynamics.CRM.UpdateOrderStatus';
    const action = { name, parameters: { status: 3 } };
    const call = { ...plan({ name: 'A' }, { version: 'W/"1"' }), action };
    expect(dataverse.writeRequest(call)).toEqual({
      method: 'POST',
      url: `${ref.url}/${name}`,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Content-Type': 'application/json',
        'If-Match': 'W/"1"',
      },
      body: '{"status":3}',
    });
    expect(dataverse.sent(call)).toEqual({ method: 'POST', precondition: 'version' });
  });
});

describe('a Dataverse answer', () => {
  it('shows its version in the body before the header', () => {
    const headers = { etag: 'W/"1-gzip"' };
    expect(dataverse.versionOf(answer(200, { '@odata.etag': 'W/"1"' }, headers))).toBe('W/"1"');
    expect(dataverse.versionOf(answer(200, { name: 'A' }, headers))).toBe('W/"1-gzip"');
  });

  it('trap 13: shows no version in a 204 without ETag', () => {
    expect(dataverse.versionOf(answer(204))).toBeUndefined();
    expect(dataverse.valuesOf(answer(204))).toBeUndefined();
  });

  it('shows neither version nor values in an error', () => {
    const refused = answer(412, { error: { message: 'No' } }, { etag: 'W/"2"' });
    expect(dataverse.versionOf(refused)).toBeUndefined();
    expect(dataverse.valuesOf(refused)).toBeUndefined();
  });

  it('shows no version that could not be sent back', () => {
    expect(dataverse.versionOf(answer(200, { '@odata.etag': 7 }))).toBeUndefined();
  });

  it('trap 9: keeps silent about a field that the user may not see', () => {
    const body = {
      '@odata.etag': 'W/"1"',
      name: 'A',
      creditlimit: null,
      'creditlimit@Core.Permissions': 'None',
      note: null,
      'note@Org.OData.Core.V1.Permissions': 'None',
      phone: null,
      'phone@Core.Permissions': 'Read',
    };
    expect(dataverse.valuesOf(answer(200, body))).toEqual({ name: 'A', phone: null });
    expect(dataverse.missingMeansNull).toBe(false);
  });

  it.each([
    ['ownerid@odata.bind', '_ownerid_value'],
    ['new_Project@odata.bind', '_new_project_value'],
    ['customerid_contact@odata.bind', '_customerid_value'],
    ['parentcustomerid_account@odata.bind', '_parentcustomerid_value'],
    ['name', 'name'],
  ])('reads %s back as %s', (written, read) => {
    expect(dataverse.readName(written)).toBe(read);
  });

  it('compares what was bound as a lookup', () => {
    expect(dataverse.fieldType('ownerid@odata.bind')).toEqual({ type: 'lookup' });
    expect(dataverse.fieldType('name')).toBeUndefined();
  });
});

describe('the meaning of a Dataverse error', () => {
  const sent: Sent = { method: 'PATCH', precondition: 'version' };

  it.each<[string, number, string, string, Verdict]>([
    ['row 9', 400, '0x80060883', '', { class: 'precondition-required' }],
    ['row 10', 400, '0x8006088d', '', { class: 'unsupported', code: 'CONCURRENCY_CONTROL_OFF' }],
    ['row 11', 403, '0x80048408', '', { class: 'state-conflict' }],
    ['row 11', 400, '0x80040230', '', { class: 'state-conflict' }],
    ['row 11', 400, '0x800404CF', '', { class: 'state-conflict' }],
    ['row 11', 405, '0x80040515', '', { class: 'state-conflict' }],
    ['row 12', 400, '0x80044150', 'Sql Number: 1205', { class: 'transient', ambiguous: true }],
    ['row 12', 500, '0x80044150', 'Sql Number: 2627', { class: 'duplicate' }],
    ['row 12', 400, '0x80044150', 'Sql Number: 547', { class: 'validation' }],
    ['row 12', 500, '0x80044151', '', { class: 'transient', ambiguous: true }],
    ['row 12', 400, '0x80040255', '', { class: 'transient', ambiguous: true }],
    ['row 12', 400, '0x80071154', '', { class: 'transient', ambiguous: true }],
    ['row 12', 400, '0x80044339', '', { class: 'transient', ambiguous: true }],
    ['row 12', 400, '0x80048105', '', { class: 'transient', ambiguous: true }],
    [
      'row 20',
      404,
      '0x80060888',
      "Resource not found for the segment 'salesorder'.",
      { class: 'unsupported', code: 'COLLECTION_UNKNOWN' },
    ],
    ['row 21', 404, '0x80040217', 'salesorder Does Not Exist', { class: 'not-found' }],
    ['trap 3: row 32', 412, '0x80040237', '', { class: 'duplicate' }],
    [
      'trap 3: row 32',
      412,
      '',
      'A record with matching key values already exists.',
      { class: 'duplicate' },
    ],
    ['row 35', 412, '0x80060882', '', { class: 'version-conflict' }],
    [
      'row 35',
      412,
      '',
      "The version of the existing record doesn't match the RowVersion property provided.",
      { class: 'version-conflict' },
    ],
    ['row 46', 429, '0x80072326', '', { class: 'throttled', code: 'TOO_MANY_CONCURRENT' }],
    ['row 47', 429, '0x80072322', '', { class: 'throttled' }],
    ['row 48', 500, '0x80040265', 'Credit limit exceeded', { class: 'validation' }],
  ])('%s: %i %s %s', (_row, status, code, message, expected) => {
    const refused = answer(status, { error: { code, message } });
    const error = dataverse.errorOf(refused);
    const { fix, ...verdict } = classify(refused, sent, error, dataverse.rows);
    expect(verdict).toEqual(expected);
    if (expected.class === 'unsupported') expect(fix).toBeDefined();
  });

  it('row 20: an action that Dataverse does not know', () => {
    const message = "Resource not found for the segment 'Microsoft.Dynamics.CRM.Nope'.";
    const refused = answer(404, { error: { code: '0x80060888', message } });
    const call: Sent = { method: 'POST', precondition: 'version' };
    const verdict = classify(refused, call, dataverse.errorOf(refused), dataverse.rows);
    expect(verdict).toMatchObject({ class: 'unsupported', code: 'ACTION_UNKNOWN' });
  });
});
