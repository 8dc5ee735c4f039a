import { pageOf } from '../bulk/page';
import type { BulkSettings } from '../bulk/settings';
import { ifMatchHolds } from '../http/preconditions';
import type { ApiRequest, Reply } from '../http/reply';
import { keyValues, queryParser } from '../odata';
import type { Query } from '../odata';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet, differing } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import {
  ENTITY_TYPE,
  SAP_ORDER_DEFAULTS,
  SAP_ORDER_SCHEMA,
  SERVICE_ROOT,
  changeTimes,
} from './schema';
import type { SapSessions } from './sessions';
import {
  collectionReply,
  csrfReply,
  errorReply,
  parseSapChanges,
  recordReply,
  serviceReply,
  slashReply,
  writtenReply,
} from './wire';

const COLLECTION = '/A_SalesOrder';
const GENERAL = '/IWBEP/CM_MGW_RT';

/** Sales orders as SAP Gateway serves them: OData V2, CSRF tokens that belong to sessions, 428 and 412. */
export class SapOrders implements RecordApi {
  readonly prefix = SERVICE_ROOT;
  readonly store: RecordStore;
  private readonly records: RecordSet;
  private readonly query = queryParser({
    schema: SAP_ORDER_SCHEMA,
    type: ENTITY_TYPE,
    version: 'V2',
    foldsCase: false,
    others: ['$format', 'sap-client', 'sap-language'],
    refuse: invalid,
  });
  private readonly bulk: Readonly<BulkSettings>;
  private created = 0;

  constructor(
    surroundings: Surroundings,
    private readonly sessions: SapSessions,
  ) {
    this.bulk = surroundings.bulk;
    const rules = {
      schema: SAP_ORDER_SCHEMA,
      defaults: SAP_ORDER_DEFAULTS,
      versioning: changeTimes(),
    };
    this.records = new RecordSet(rules, surroundings);
    this.store = this.records.store;
  }

  locate(path: string): Place {
    const rest = path.slice(this.prefix.length);
    if (rest === '') return { kind: 'refused', reply: slashReply() };
    if (rest === '/' || rest === COLLECTION) return { kind: 'collection' };
    if (!rest.startsWith(COLLECTION)) return { kind: 'refused', reply: this.error(404) };
    const values = keyValues(rest.slice(COLLECTION.length));
    const id = values?.get('') ?? values?.get('SalesOrder');
    return id === undefined || values?.size !== 1
      ? { kind: 'refused', reply: invalid('Malformed URI literal syntax in key.') }
      : { kind: 'record', id };
  }

  rowAt(place: Place): Row | undefined {
    return place.kind === 'record' ? this.store.find(place.id) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    if (request.method !== 'GET') return this.handleWrite(request, place);
    const reply = this.read(request, place);
    const isFetch = String(request.headers['x-csrf-token']).toLowerCase() === 'fetch';
    return isFetch && reply.status === 200 ? this.sessions.withToken(request, reply) : reply;
  }

  /** The refusal of a request that changes something and has no session. */
  admit(request: ApiRequest): Reply | undefined {
    return this.sessions.allows(request) ? undefined : csrfReply();
  }

  error(status: number): Reply {
    return errorReply(status, `${GENERAL}/000`, `The request ended with status ${String(status)}.`);
  }

  put(fields: Fields, by: By): string {
    const { SalesOrder: given } = fields;
    const id = typeof given === 'string' ? given : this.nextId();
    return this.records.create(id, fields, { SalesOrder: id }, by).id;
  }

  canonicalId(name: string): string {
    return name;
  }

  private read(request: ApiRequest, place: Place): Reply {
    if (place.kind === 'refused') return place.reply;
    const query = this.query(request.query);
    if ('status' in query) return query;
    if (place.kind === 'collection') return this.list(request, query);
    const row = this.rowAt(place);
    return row === undefined ? missing() : recordReply(request, row, query);
  }

  private list(request: ApiRequest, query: Query): Reply {
    if (request.path === `${SERVICE_ROOT}/`) return serviceReply();
    const meant = [...this.store.all()].filter(({ values }) => query.filter(values));
    return collectionReply(request, pageOf(request, meant, query, this.bulk.pageSize), query);
  }

  private handleWrite(request: ApiRequest, place: Place): Reply {
    const refused = this.admit(request);
    if (refused !== undefined) return refused;
    if (place.kind === 'refused') return place.reply;
    if (!['PATCH', 'MERGE', 'PUT'].includes(request.method)) return this.error(405);
    const row = this.rowAt(place);
    return row === undefined ? missing() : this.write(request, row);
  }

  private write(request: ApiRequest, row: Row): Reply {
    const changes = parseSapChanges(request.body);
    if ('problem' in changes) return invalid(changes.problem);
    const isWhole = request.method === 'PUT';
    const fields = isWhole ? this.records.whole(changes.fields) : changes.fields;
    this.records.disturb(row, isWhole ? differing(row, changes.fields) : changes.fields);
    const ifMatch = request.headers['if-match'];
    if (ifMatch === undefined) return unconditional();
    if (!ifMatchHolds(ifMatch, row.etag, 'weak')) return stale();
    this.store.update(row, fields, 'api');
    return writtenReply(row);
  }

  private nextId(): string {
    this.created += 1;
    return String(9000 + this.created);
  }
}

function missing(): Reply {
  return errorReply(404, `${GENERAL}/020`, "Resource not found for segment 'A_SalesOrderType'");
}

function unconditional(): Reply {
  const message =
    "The Data Services Request is required to be conditional. Try using the 'If-Match' header.";
  return errorReply(428, `${GENERAL}/022`, message);
}

function stale(): Reply {
  return errorReply(412, `${GENERAL}/023`, 'Precondition failed: data was changed in the meantime');
}

function invalid(message: string): Reply {
  return errorReply(400, `${GENERAL}/021`, message);
}
