import { GUID } from './field-types';
import type { Fields } from './field-types';
import { createdOrderId } from './ids';
import { Desk } from './interference';
import type { Interference } from './interference';
import type { By, Journal } from './journal';
import { queryParser } from './odata';
import type { Query } from './odata';
import { ifMatchHolds, ifNoneMatchNames } from './preconditions';
import type { Place, RecordApi } from './record-api';
import type { ApiRequest, Reply } from './reply';
import { rowVersions } from './row-versions';
import { parseSalesOrderChanges } from './sales-order-changes';
import {
  collectionReply,
  duplicateReply,
  emptyReply,
  mismatchReply,
  missingReply,
  recordReply,
  statusReply,
  writtenReply,
} from './sales-order-replies';
import { SALES_ORDER_DEFAULTS, SALES_ORDER_SCHEMA } from './sales-order-schema';
import { locateSalesOrder } from './sales-order-url';
import { RecordStore } from './store';
import type { Row } from './store';

const BLANK = Object.fromEntries(Object.keys(SALES_ORDER_SCHEMA).map(name => [name, null]));

/** Sales orders as Dataverse serves them: weak ETags, 412, and a PATCH that creates what is missing. */
export class SalesOrders implements RecordApi {
  readonly store: RecordStore;
  private readonly desk = new Desk(SALES_ORDER_SCHEMA, { choices: () => undefined });
  private readonly query = queryParser(name => Object.hasOwn(SALES_ORDER_SCHEMA, name));
  private created = 0;

  constructor(
    journal: Journal,
    seed: number,
    private readonly interference: Interference,
  ) {
    this.store = new RecordStore(rowVersions(), journal, seed);
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
    const values = { ...BLANK, ...SALES_ORDER_DEFAULTS, ...fields, salesorderid: id };
    return this.store.create(id, values, by);
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
    const rows = [...this.store.all()].slice(0, query.top);
    return collectionReply(request, rows, query);
  }

  private patch(request: ApiRequest, place: Place, query: Query): Reply {
    const changes = parseSalesOrderChanges(request.body);
    if ('refusal' in changes) return changes.refusal;
    const { fields } = changes;
    const row = this.rowAt(place);
    if (row === undefined) return this.upsert(request, place, query, fields);
    this.interference.disturb(this.store, row, fields, this.desk);
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
