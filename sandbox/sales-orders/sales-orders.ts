import { pageOf, preferredSize } from '../bulk/page';
import type { BulkSettings } from '../bulk/settings';
import { ifMatchHolds, ifNoneMatchNames } from '../http/preconditions';
import type { ApiRequest, Reply } from '../http/reply';
import { createdOrderId } from '../ids';
import { CODES, odataError, queryParser } from '../odata';
import type { Query } from '../odata';
import { GUID } from '../records/field-types';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import {
  collectionReply,
  duplicateReply,
  emptyReply,
  mismatchReply,
  missingReply,
  recordReply,
  statusReply,
  writtenReply,
} from './replies';
import { locateSalesOrder, parseActionChanges, parseSalesOrderChanges } from './request';
import { SALES_ORDER_DEFAULTS, SALES_ORDER_SCHEMA, SALES_ORDER_TYPE, rowVersions } from './schema';

/** Sales orders as Dataverse serves them: weak ETags, 412, and a PATCH that creates what is missing. */
export class SalesOrders implements RecordApi {
  readonly prefix = '/api/data/';
  readonly store: RecordStore;
  private readonly records: RecordSet;
  private readonly query = queryParser({
    schema: SALES_ORDER_SCHEMA,
    type: SALES_ORDER_TYPE,
    version: 'V4',
    foldsCase: true,
    hasCrmFunctions: true,
    refuse: message => odataError(400, CODES.querySyntax, message),
  });
  private readonly bulk: Readonly<BulkSettings>;
  private created = 0;

  constructor(surroundings: Surroundings) {
    this.bulk = surroundings.bulk;
    const rules = {
      schema: SALES_ORDER_SCHEMA,
      defaults: SALES_ORDER_DEFAULTS,
      versioning: rowVersions(),
    };
    this.records = new RecordSet(rules, surroundings);
    this.store = this.records.store;
  }

  get always(): Reply['headers'] {
    const { dopHint } = this.bulk;
    return dopHint === 0 ? {} : { 'x-ms-dop-hint': String(dopHint) };
  }

  locate(path: string): Place {
    return locateSalesOrder(path);
  }

  rowAt(place: Place): Row | undefined {
    if (place.kind === 'record') return this.store.find(place.id);
    return place.kind === 'alternate' ? this.numbered(place.value) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    if (place.kind === 'refused') return place.reply;
    const query = this.query(request.query);
    if ('status' in query) return query;
    if (place.kind === 'collection') return this.handleCollection(request, query);
    if (place.action !== undefined) return this.act(request, place, query, place.action);
    switch (request.method) {
      case 'GET':
        return this.read(request, place, query);
      case 'PATCH':
        return this.patch(request, place, query);
      case 'DELETE':
        return this.remove(request, place);
      default:
        return this.error(405);
    }
  }

  error(status: number): Reply {
    return statusReply(status);
  }

  put(fields: Fields, by: By): string {
    const given = fields.salesorderid;
    const id = typeof given === 'string' ? given.toLowerCase() : this.nextId();
    return this.create(id, fields, by).id;
  }

  canonicalId(name: string): string {
    return this.numbered(name)?.id ?? (GUID.test(name) ? name.toLowerCase() : name);
  }

  private create(id: string, fields: Fields, by: By): Row {
    return this.records.create(id, fields, { salesorderid: id }, by);
  }

  private read(request: ApiRequest, place: Place, query: Query): Reply {
    const row = this.rowAt(place);
    if (row === undefined) return missingReply(place);
    if (ifNoneMatchNames(request.headers['if-none-match'], row.etag)) {
      return emptyReply(304, { etag: row.etag });
    }
    return recordReply(200, request, row, query);
  }

  private handleCollection(request: ApiRequest, query: Query): Reply {
    if (request.method !== 'GET') return this.error(405);
    const meant = [...this.store.all()].filter(({ values }) => query.filter(values));
    const size = preferredSize(request, this.bulk.pageSize);
    return collectionReply(request, pageOf(request, meant, query, size), query);
  }

  private patch(request: ApiRequest, place: Place, query: Query): Reply {
    const changes = parseSalesOrderChanges(request.body);
    if ('refusal' in changes) return changes.refusal;
    const row = this.rowAt(place);
    return row === undefined
      ? this.upsert(request, place, query, changes.fields)
      : this.write(request, row, query, changes.fields);
  }

  /** Unlike a PATCH, an action never creates. */
  private act(request: ApiRequest, place: Place, query: Query, action: string): Reply {
    if (request.method !== 'POST') return this.error(405);
    const changes = parseActionChanges(action, request.body);
    if ('refusal' in changes) return changes.refusal;
    const row = this.rowAt(place);
    return row === undefined
      ? missingReply(place)
      : this.write(request, row, query, changes.fields);
  }

  private write(request: ApiRequest, row: Row, query: Query, fields: Fields): Reply {
    this.records.disturb(row, fields);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    if (ifNoneMatch === '*') return duplicateReply();
    if (!ifMatchHolds(ifMatch, row.etag, 'weak')) return mismatchReply();
    if (this.numberTaken(fields, row)) return duplicateReply();
    this.store.update(row, fields, 'api');
    return writtenReply(200, request, row, query);
  }

  /** Without If-Match a PATCH creates the row that it does not find. */
  private upsert(request: ApiRequest, place: Place, query: Query, fields: Fields): Reply {
    if (request.headers['if-match'] !== undefined) return missingReply(place);
    if (this.numberTaken(fields, undefined)) return duplicateReply();
    const id = place.kind === 'record' ? place.id : this.nextId();
    const key = place.kind === 'alternate' ? { [place.name]: place.value } : {};
    const row = this.create(id, { ...fields, ...key }, 'api');
    return writtenReply(201, request, row, query);
  }

  private remove(request: ApiRequest, place: Place): Reply {
    const row = this.rowAt(place);
    if (row === undefined) return missingReply(place);
    if (!ifMatchHolds(request.headers['if-match'], row.etag, 'weak')) return mismatchReply();
    this.store.remove(row, 'api');
    return emptyReply(204, {});
  }

  private numbered(ordernumber: unknown): Row | undefined {
    for (const row of this.store.all()) {
      if (row.values.ordernumber === ordernumber) return row;
    }
    return undefined;
  }

  private numberTaken(fields: Fields, by: Row | undefined): boolean {
    const number = fields.ordernumber;
    if (number === undefined || number === null) return false;
    const holder = this.numbered(number);
    return holder !== undefined && holder !== by;
  }

  private nextId(): string {
    this.created += 1;
    return createdOrderId(this.created);
  }
}
