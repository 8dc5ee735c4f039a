import { describe, expect, it } from 'vitest';
import type { WritePlan } from '../../../lib/api/family';
import { createOData } from '../../../lib/api/odata/odata';
import { answer } from './answers';
import { ACTION, meaningOf, planFor, READ } from './odata-plans';

const BASE = 'https://cap.example/odata/v4/orders';
const GUID = '0a1b2c3d-0000-4000-8000-00000000abcd';
const odata = createOData({ etagFrom: 'body' });
const ref = odata.locate(BASE, 'Orders', GUID);

function put(read: unknown, changes: WritePlan['changes']) {
  return planFor(ref, { method: 'PUT', changes, read: answer(200, read) });
}

describe('the address of an OData record', () => {
  it.each([
    [GUID.toUpperCase(), `(${GUID})`],
    [7, '(7)'],
    ['SO-1', "('SO-1')"],
    [{ ID: 7 }, '(ID=7)'],
    [{ ID: GUID, IsActiveEntity: 'x' }, `(ID=${GUID},IsActiveEntity='x')`],
  ])('%j becomes %s', (key, part) => {
    expect(odata.locate(BASE, 'Orders', key).url).toBe(`${BASE}/Orders${part}`);
  });
});

describe('case U31: annotations of OData V3, without "@"', () => {
  const read = {
    'odata.metadata': 'https://acme.table.core.windows.net/$metadata#Orders/@Element',
    'odata.etag': 'W/"1"',
    'Timestamp@odata.type': 'Edm.DateTime',
    PartitionKey: 'p',
    status: 'Open',
  };

  it('are no fields, and carry the version', () => {
    expect(odata.valuesOf(answer(200, read))).toEqual({ PartitionKey: 'p', status: 'Open' });
    expect(odata.versionOf(answer(200, read))).toBe('W/"1"');
  });

  it('are not sent, neither by a PUT nor where the changes repeat them', () => {
    const { body = '' } = odata.writeRequest(put(read, { status: 'Done' }));
    expect(JSON.parse(body)).toEqual({ PartitionKey: 'p', status: 'Done' });
    const { 'odata.metadata': metadata, 'odata.etag': etag } = read;
    const changes = { 'odata.metadata': metadata, 'odata.etag': etag, status: 'Done' };
    expect(odata.cleanChanges(changes)).toEqual({ status: 'Done' });
  });
});

describe('an OData write', () => {
  it('case 4: sends only what differs, and no system query option', () => {
    expect(odata.sendsOnlyDifferences).toBe(true);
    const changes = { name: 'A', 'customer@odata.bind': 'Customers(1)', 'name@x.y': 1 };
    expect(odata.writeRequest(planFor(ref, { changes }))).toEqual({
      method: 'PATCH',
      url: ref.url,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Content-Type': 'application/json',
        'If-Match': '"1"',
        Prefer: 'return=representation',
      },
      body: '{"name":"A","customer@odata.bind":"Customers(1)"}',
    });
  });

  it('selects no annotation, which is no property', () => {
    expect(odata.readRequest(ref, ['customer@odata.bind', 'name', 'name']).url).toBe(
      `${ref.url}?$select=name`,
    );
    expect(odata.readRequest(ref, ['customer@odata.bind']).url).toBe(ref.url);
  });

  it('puts the whole record as it was read, without annotations and digit by digit', () => {
    const read =
      '{"@odata.context":"c","@odata.etag":"W/\\"1\\"","ID":9007199254740993,"amount":1.10,"name":"B","name@x.y":1,"address":{"city":"X","zip":"1"}}';
    const plan = put(read, { name: 'A', address: { zip: '2' } });
    expect(odata.writeRequest(plan)).toMatchObject({
      method: 'PUT',
      url: ref.url,
      body: '{"ID":9007199254740993,"amount":1.10,"name":"A","address":{"city":"X","zip":"2"}}',
    });
  });

  it('case 5: sends the type of what it writes, and none of what it does not', () => {
    const types = {
      '@odata.type': '#S.Rush',
      'Shifts@odata.type': 'Collection(Edm.String)',
      'Other@odata.type': 'Edm.Int64',
    };
    const changes = { Shifts: ['A', 'B'] };
    expect(odata.writeRequest(planFor(ref, { changes, types })).body).toBe(
      '{"@odata.type":"#S.Rush","Shifts@odata.type":"Collection(Edm.String)","Shifts":["A","B"]}',
    );
  });

  it('case 5: puts the types of a record back with it', () => {
    const read =
      '{"@odata.context":"c","@odata.type":"#S.Rush","@odata.etag":"W/\\"1\\"","Meter@odata.type":"#Int64","Meter":"9007199254740995","lines@odata.navigationLink":"l","name":"B"}';
    expect(odata.writeRequest(put(read, { name: 'A' })).body).toBe(
      '{"@odata.type":"#S.Rush","Meter@odata.type":"#Int64","Meter":"9007199254740995","name":"A"}',
    );
  });

  it('leaves out of the changes what only describes', () => {
    const echoed = {
      name: 'A',
      '@odata.context': 'c',
      '@odata.etag': 'W/"1"',
      '@id': 'i',
      'lines@odata.navigationLink': 'l',
      'name@OData.Community.Display.V1.FormattedValue': 'a',
      '_owner_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'team',
      'name@Core.Permissions': 'Read',
      'customer@odata.bind': 'Customers(1)',
    };
    const clean = { name: 'A', 'customer@odata.bind': 'Customers(1)' };
    expect(odata.cleanChanges(echoed)).toEqual(clean);
    expect(odata.typesIn(echoed)).toEqual({});
  });

  it.each([
    ['@odata.delta', 1],
    ['name@my.note', 'x'],
    ['customer@odata.bindd', 'Customers(1)'],
    ['gone@odata.type', 'Edm.Int64'],
    ['name@odata.type', null],
  ])('case 5: refuses %s in the changes rather than to leave it out', (name, value) => {
    expect(() => odata.cleanChanges({ name: 'A', [name]: value })).toThrow(
      expect.objectContaining({
        code: 'CHANGES_INVALID',
        message: expect.stringContaining(`"${name}"`) as string,
      }),
    );
  });

  it.each([undefined, '', '[]', '<html>'])(
    'puts nothing over a record that was not read: %j',
    read => {
      expect(() => odata.writeRequest(put(read, { name: 'A' }))).toThrow(
        expect.objectContaining({ code: 'RECORD_UNREAD' }),
      );
      expect(() => odata.writeRequest(planFor(ref, { method: 'PUT' }))).toThrow(
        expect.objectContaining({ code: 'RECORD_UNREAD' }),
      );
    },
  );

  it('trap 9: does not reset by PUT what the user may not see', () => {
    const read = { name: 'B', 'credit@Core.Permissions': 'None', 'note@Core.Permissions': 'Read' };
    expect(() => odata.writeRequest(put(read, { name: 'A' }))).toThrow(
      expect.objectContaining({
        code: 'FIELDS_HIDDEN',
        message: 'PUT would reset credit, which this user may not see. Use PATCH.',
      }),
    );
    expect(odata.writeRequest(put(read, { credit: 5 })).body).toBe('{"name":"B","credit":5}');
  });

  it('takes no MERGE', () => {
    expect(() => odata.writeRequest(planFor(ref, { method: 'MERGE' }))).toThrow(
      expect.objectContaining({
        code: 'METHOD_UNSUPPORTED',
        message: 'This OData service does not take MERGE. Use PATCH or PUT.',
      }),
    );
  });

  it('trap 10: forces only on demand', () => {
    const forced = planFor(ref, { precondition: 'any' });
    expect(odata.writeRequest(forced).headers['If-Match']).toBe('*');
    expect(odata.sent(forced)).toEqual({ method: 'PATCH', precondition: 'any' });
  });
});

describe('an action of an OData record', () => {
  const call = (name: string, plan: Partial<WritePlan> = {}) =>
    planFor(ref, { action: { name, parameters: { why: 'x' } }, ...plan });

  it('is called with the precondition of a write', () => {
    const plan = call('OrdersService.confirm');
    expect(odata.writeRequest(plan)).toEqual({
      method: 'POST',
      url: `${ref.url}/OrdersService.confirm`,
      headers: {
        Accept: 'application/json;odata.metadata=minimal',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Content-Type': 'application/json',
        'If-Match': '"1"',
      },
      body: '{"why":"x"}',
    });
    expect(odata.sent(plan)).toEqual({ method: 'POST', precondition: 'version' });
    const forced = call('confirm', { precondition: 'any' });
    expect(odata.writeRequest(forced).headers['If-Match']).toBe('*');
    expect(odata.sent(forced)).toEqual({ method: 'POST', precondition: 'any' });
  });

  it('trap 10: is not called without a usable version', () => {
    const careless = call('confirm', { precondition: { version: '' } });
    expect(() => odata.writeRequest(careless)).toThrow(
      expect.objectContaining({ code: 'VERSION_INVALID' }),
    );
  });

  it.each(['', ' ', 'a/b', '../Orders', 'a?b', 'a(b)', '.a', 'a.', 'a..b', '1a', 'a%2fb', 'a\n'])(
    'trap 22: is not called %j',
    name => {
      expect(() => odata.writeRequest(call(name))).toThrow(
        expect.objectContaining({ code: 'ACTION_INVALID' }),
      );
    },
  );
});

describe('the meaning of an OData refusal', () => {
  it('trap 18: row 45: a batch that is too large is never sent again as it is', () => {
    const error = {
      code: 'BATCH_TOO_MANY_REQ',
      message: 'Batch request contains too many requests',
    };
    expect(meaningOf(odata, { status: 429, body: { error } })).toMatchObject({
      class: 'unsupported',
      code: 'BATCH_TOO_LARGE',
    });
    expect(meaningOf(odata, { status: 429 })).toEqual({ class: 'throttled' });
  });

  it('row 20: 404 about the address', () => {
    const body = { error: { code: '404', message: 'Invalid resource path "S.Nope"' } };
    const unknown = { class: 'unsupported', code: 'COLLECTION_UNKNOWN' };
    expect(meaningOf(odata, { status: 404, body }, READ)).toMatchObject(unknown);
    expect(meaningOf(odata, { status: 404, body }, ACTION)).toMatchObject({
      class: 'unsupported',
      code: 'ACTION_UNKNOWN',
    });
    const gone = { error: { code: '404', message: 'Not Found' } };
    expect(meaningOf(odata, { status: 404, body: gone }, READ)).toEqual({ class: 'not-found' });
  });

  it('passes on the details', () => {
    const details = [{ message: 'Name is missing.' }, { message: 'Amount is negative.' }, 'Stop.'];
    const error = { code: 'MULTIPLE_ERRORS', message: 'Several errors.', details };
    expect(odata.errorOf(answer(400, { error }))).toEqual({
      code: 'MULTIPLE_ERRORS',
      message: 'Several errors. Name is missing. Amount is negative. Stop.',
    });
  });
});
