// The generic family does by settings alone what each known family does.
import { describe, expect, it } from 'vitest';
import { createFamily } from '../../../lib/api/families';
import type { ApiFamily, UpdateMethod } from '../../../lib/api/family';
import type { FamilyId } from '../../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../lib/api/settings';
import type { Fields, RecordKey } from '../../../lib/record/fields';
import { answer } from './answers';
import { meaningOf } from './odata-plans';

const BASE = 'https://api.example/base';
const ODATA: Partial<ApiSettings> = {
  keyStyle: 'odata',
  fieldsParameter: '$select',
  versionFrom: 'field',
  versionField: '@odata.etag',
};
const GUID = '0a1b2c3d-0000-4000-8000-00000000abcd';
const etagMismatch = { error: { code: '', message: 'Precondition failed' } };

interface Sample {
  readonly family: FamilyId;
  readonly settings: Partial<ApiSettings>;
  /** Settings of the known family, where it has any. */
  readonly own?: Partial<ApiSettings>;
  readonly collection: string;
  readonly key: RecordKey;
  readonly methods: readonly UpdateMethod[];
  readonly changes: Fields;
  readonly read: readonly [body: Fields, headers?: Record<string, string>];
  readonly written: readonly [
    status: number,
    body?: Fields | undefined,
    headers?: Record<string, string>,
  ];
  readonly refusals: readonly (readonly [status: number, body?: unknown])[];
}

const V2_RECORD = {
  __metadata: { etag: 'W/"datetimeoffset\'2026-02-08T10%3A00%3A00Z\'"', uri: 'x' },
  SalesOrder: '1',
  Note: 'B',
  to_Item: { __deferred: { uri: 'x' } },
};

const SAMPLES: readonly Sample[] = [
  {
    family: 'dataverse',
    settings: ODATA,
    collection: 'salesorders',
    key: GUID.toUpperCase(),
    methods: ['PATCH'],
    changes: { name: 'A', '@odata.etag': 'W/"0"', 'customerid_account@odata.bind': '/accounts(1)' },
    read: [{ '@odata.etag': 'W/"7"', name: 'B', 'name@x.y': 'C' }],
    written: [200, { '@odata.etag': 'W/"8"', name: 'A' }],
    refusals: [[412, etagMismatch], [404], [403], [429], [500], [400, { error: { code: 'x' } }]],
  },
  {
    family: 'finance-operations',
    settings: {
      ...ODATA,
      query: 'cross-company=true',
      conflictText: 'another user process deleting the record',
    },
    collection: 'SalesOrderHeadersV2',
    key: { dataAreaId: 'usmf', SalesOrderNumber: 'SO-2025-0145' },
    methods: ['PATCH'],
    changes: { SalesStatus: 'Delivered', 'SalesStatus@x.y': 1 },
    read: [{ '@odata.etag': 'W/"JzEsNTYzNzE0NDU3Njsw"', SalesStatus: 'Open' }],
    written: [204],
    refusals: [
      [412, etagMismatch],
      [409, { error: { message: 'The record has been modified by another user' } }],
      [
        500,
        {
          error: {
            message: 'An error has occurred.',
            innererror: {
              message:
                'Cannot edit a record due to another user process deleting the record or changing one or more fields in the record.',
            },
          },
        },
      ],
      [400, { error: { message: 'Field is mandatory' } }],
    ],
  },
  {
    family: 'sap-gateway',
    settings: {
      ...ODATA,
      csrf: true,
      recordPath: 'd',
      versionField: 'd.__metadata.etag',
      query: 'sap-client=100',
    },
    own: { query: 'sap-client=100' },
    collection: 'A_SalesOrder',
    key: GUID,
    methods: ['MERGE', 'PATCH', 'PUT'],
    changes: { Note: 'A', __metadata: { etag: 'W/"0"' } },
    read: [{ d: V2_RECORD }],
    written: [204],
    refusals: [[412, etagMismatch], [428], [404], [400, { error: { message: { value: 'No' } } }]],
  },
  {
    family: 'odata',
    settings: ODATA,
    collection: 'Orders',
    key: { ID: 7, locale: "d'e" },
    methods: ['PATCH', 'PUT'],
    changes: { name: 'A', 'name@x.y': 1 },
    read: [{ '@odata.context': 'c', '@odata.etag': 'W/"a,b"', ID: 7, name: 'B' }],
    written: [200, { '@odata.etag': 'W/"c"', name: 'A' }],
    refusals: [[412, etagMismatch], [428], [409], [422], [503]],
  },
  {
    family: 'sap-cx',
    settings: { versionFrom: 'field', versionField: 'etag', cacheHeader: 'X-Cache-Status' },
    collection: 'assignments',
    key: 'T001',
    methods: ['PATCH', 'PUT'],
    changes: { owner: 'A', etag: 'a0' },
    read: [{ id: 'T001', etag: 'a1', owner: 'B' }],
    written: [200, { id: 'T001', etag: 'a2', owner: 'A' }],
    refusals: [
      [409, { error: 'ETag mismatch - resource modified' }],
      [409, { error: 'No' }],
      [422],
      [200, { success: false }],
    ],
  },
  {
    family: 'apriso',
    settings: { conflictStatuses: [409, 412, 422] },
    collection: 'work-orders',
    key: 'WO-12345',
    methods: ['PATCH', 'PUT'],
    changes: { status: 'Complete' },
    read: [{ id: 'WO-12345', status: 'In Progress' }, { etag: '"v7"' }],
    written: [204, undefined, { etag: '"v8"' }],
    refusals: [
      [409, { error: 'Work order status conflict', message: 'Cannot transition' }],
      [412],
      [422, { message: 'Invalid status transition' }],
      [400, { message: 'No' }],
    ],
  },
  {
    family: 'couchdb',
    settings: {
      versionFrom: 'field',
      versionField: '_rev, rev',
      versionTo: 'field',
      createdIsUpdate: true,
      conflictText: 'document update conflict',
    },
    collection: 'orders',
    key: 'SO-1',
    methods: ['PUT'],
    changes: { total: 2, _rev: '0-x' },
    read: [{ _id: 'SO-1', _rev: '1-a', total: 1 }],
    written: [201, { ok: true, id: 'SO-1', rev: '2-b' }],
    refusals: [
      [409, { error: 'conflict', reason: 'Document update conflict.' }],
      [404, { error: 'not_found', reason: 'deleted' }],
      [202, { ok: true }],
    ],
  },
];

/** What may come in any order: the parameters of an address. */
function address(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { at: origin + pathname, query: [...searchParams].sort() };
}

/** A write as the loop makes it from a read, as far as it must be the same. */
function writeOf(family: ApiFamily, sample: Sample, method: UpdateMethod) {
  const read = answer(200, ...sample.read);
  const plan = {
    ref: family.locate(BASE, sample.collection, sample.key),
    method,
    changes: family.cleanChanges(sample.changes),
    precondition: { version: family.versionOf(read) ?? '' },
    read,
  };
  const request = family.writeRequest(plan);
  return {
    sent: family.sent(plan),
    method: request.method,
    at: address(request.url).at,
    ifMatch: request.headers['If-Match'],
    body: JSON.parse(request.body ?? '') as unknown,
  };
}

/** The version of an answer as a write would carry it. */
function versionIn(family: ApiFamily, sample: Sample) {
  const version = family.versionOf(answer(...sample.written));
  if (version === undefined) return undefined;
  const { collection, key, read, methods, changes } = sample;
  const { headers, body } = family.writeRequest({
    ref: family.locate(BASE, collection, key),
    method: methods[0] ?? 'PATCH',
    changes,
    precondition: { version },
    read: answer(200, ...read),
  });
  return headers['If-Match'] ?? body;
}

describe.each(SAMPLES)('the generic family, set up as $family', sample => {
  const known = createFamily(sample.family, { ...DEFAULT_API_SETTINGS, ...sample.own });
  const generic = createFamily('rest', { ...DEFAULT_API_SETTINGS, ...sample.settings });
  const { collection, key } = sample;
  const ref = known.locate(BASE, collection, key);

  it('finds the record at the same address', () => {
    expect(generic.locate(BASE, collection, key).url).toBe(ref.url);
    const fields = ['a', 'b'];
    const { url } = generic.readRequest(ref, fields);
    expect(address(url).at).toBe(ref.url);
    if (sample.settings.keyStyle !== 'odata') return;
    expect(address(url)).toEqual(address(known.readRequest(ref, fields).url));
  });

  it.each(sample.methods)('sends the same %s', method => {
    expect(known.methods).toContain(method);
    expect(writeOf(generic, sample, method)).toEqual(writeOf(known, sample, method));
  });

  it('sees the same record', () => {
    const read = answer(200, ...sample.read);
    expect(generic.valuesOf(read)).toEqual(known.valuesOf(read));
    expect(known.valuesOf(read)).toBeDefined();
  });

  it('sees the same version in the answer to a write', () => {
    expect(versionIn(generic, sample)).toEqual(versionIn(known, sample));
  });

  it('understands the same of an answer', () => {
    const sent = { method: sample.methods[0] ?? 'PATCH', precondition: 'version' } as const;
    for (const [status, body] of [...sample.refusals, sample.written]) {
      const [ours, theirs] = [generic, known].map(
        family => meaningOf(family, { status, body }, sent).class,
      );
      expect([status, body, ours]).toEqual([status, body, theirs]);
    }
  });

  it('does the same about sessions and caches', () => {
    expect(generic.needsCsrfToken).toBe(known.needsCsrfToken);
    expect(generic.cachedReads?.staleMs).toBe(known.cachedReads?.staleMs);
    expect(generic.canForce).toBe(known.canForce);
  });
});
