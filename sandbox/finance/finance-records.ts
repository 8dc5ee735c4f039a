import { pageOf, preferredSize } from '../bulk/page';
import type { BulkSettings } from '../bulk/settings';
import { ifMatchHolds } from '../http/preconditions';
import type { ApiRequest, Reply } from '../http/reply';
import { keyValues, queryParser } from '../odata';
import type { Query } from '../odata';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import { recVersions } from './entities';
import type { FinanceEntity } from './entities';
import {
  collectionReply,
  errorReply,
  parseFinanceChanges,
  recordReply,
  writtenReply,
} from './wire';

/** The company of the signed-in user: all that is seen without `cross-company=true`. */
const OWN_COMPANY = 'USMF';

const MODIFIED = 'The record has been modified by another user';

/** One entity set of Finance & Operations: composite keys, a company in each, and 409 for stale versions. */
export class FinanceRecords implements RecordApi {
  readonly prefix: string;
  readonly store: RecordStore;
  private readonly records: RecordSet;
  private readonly query: (text: string) => Query | Reply;
  private readonly bulk: Readonly<BulkSettings>;
  private created = 0;

  constructor(
    private readonly entity: FinanceEntity,
    surroundings: Surroundings,
  ) {
    this.bulk = surroundings.bulk;
    this.prefix = `/data/${entity.entitySet}`;
    this.records = new RecordSet({ ...entity, versioning: recVersions() }, surroundings);
    this.store = this.records.store;
    this.query = queryParser({
      ...entity,
      version: 'V4',
      foldsCase: true,
      others: ['cross-company'],
      refuse: invalid,
    });
  }

  locate(path: string): Place {
    const rest = path.slice(this.prefix.length);
    if (rest === '') return { kind: 'collection' };
    const values = keyValues(rest);
    const company = values?.get('dataAreaId');
    const key = values?.get(this.entity.keyField);
    if (values?.size !== 2 || company === undefined || key === undefined) {
      return { kind: 'refused', reply: this.missing() };
    }
    return { kind: 'record', id: recordId(company, key) };
  }

  rowAt(place: Place): Row | undefined {
    return place.kind === 'record' ? this.store.find(place.id) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    if (place.kind === 'refused') return place.reply;
    const query = this.query(request.query);
    if ('status' in query) return query;
    if (place.kind === 'collection') return this.list(request, query);
    const row = this.rowAt(place);
    if (row === undefined || !isSeen(row, query)) return this.missing();
    switch (request.method) {
      case 'GET':
        return recordReply(this.entity, request, row, query);
      case 'PATCH':
        return this.patch(request, row, query);
      default:
        return this.error(405);
    }
  }

  error(status: number): Reply {
    return errorReply(status, `The request ended with status ${String(status)}.`);
  }

  put(fields: Fields, by: By): string {
    const { keyField } = this.entity;
    const company = textOf(fields.dataAreaId) ?? OWN_COMPANY;
    const id = recordId(company, textOf(fields[keyField]) ?? this.nextKey());
    const [dataAreaId, key] = id.split(/\/(.*)/s);
    const order = keyField === 'SalesOrderNumber' ? { SalesId: key } : {};
    return this.records.create(id, fields, { dataAreaId, [keyField]: key, ...order }, by).id;
  }

  /** A key without a company is one of the user's own. */
  canonicalId(name: string): string {
    const slash = name.indexOf('/');
    return slash < 0
      ? recordId(OWN_COMPANY, name)
      : recordId(name.slice(0, slash), name.slice(slash + 1));
  }

  private list(request: ApiRequest, query: Query): Reply {
    if (request.method !== 'GET') return this.error(405);
    const rows = [...this.store.all()];
    const meant = rows.filter(row => isSeen(row, query) && query.filter(row.values));
    const size = preferredSize(request, this.bulk.pageSize);
    return collectionReply(this.entity, request, pageOf(request, meant, query, size), query);
  }

  private patch(request: ApiRequest, row: Row, query: Query): Reply {
    const changes = parseFinanceChanges(this.entity, request.body);
    if ('problem' in changes) return invalid(changes.problem);
    this.records.disturb(row, changes.fields);
    if (this.entity.hasETags && !isCurrent(request, row)) return errorReply(409, MODIFIED);
    this.store.update(row, changes.fields, 'api');
    return writtenReply(this.entity, request, row, query);
  }

  private missing(): Reply {
    const detail = `No ${this.entity.entitySet} record was found for the key in company ${OWN_COMPANY}.`;
    return errorReply(404, 'No resource was found for the given key.', detail);
  }

  private nextKey(): string {
    this.created += 1;
    return `NEW-${String(this.created)}`;
  }
}

/** Optimistic locking is on: a write without a version counts as stale. */
function isCurrent({ headers }: ApiRequest, row: Row): boolean {
  const ifMatch = headers['if-match'];
  return ifMatch !== undefined && ifMatchHolds(ifMatch, row.etag, 'weak');
}

function isSeen(row: Row, query: Query): boolean {
  const isCrossCompany = query.others.get('cross-company')?.toLowerCase() === 'true';
  return isCrossCompany || row.values.dataAreaId === OWN_COMPANY;
}

/** Companies are compared without regard to case. */
function recordId(company: string, key: string): string {
  return `${company.toUpperCase()}/${key}`;
}

function invalid(message: string): Reply {
  return errorReply(400, 'An error has occurred.', message);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
