import type { BatchEndpoint } from '../bulk/plan';
import type { BulkSettings } from '../bulk/settings';
import { jsonObject } from '../http/json-object';
import { ifMatchHolds } from '../http/preconditions';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import { readChanges } from '../records/changes';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet, differing } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import { bulkAssignments } from './bulk';
import { ReadCache } from './cx';
import type { CachedRecord, Cx } from './cx';
import { KeyedReplies } from './keyed-replies';
import { ASSIGNMENT_DEFAULTS, ASSIGNMENT_SCHEMA, hashedVersions } from './schema';

const ID = /^\/([\w.-]+)$/;

/** Territory assignments as SAP CX serves them: 409 for stale versions, a cache in front of the reads. */
export class Territories implements RecordApi {
  readonly prefix = '/territory-api/v1/assignments';
  readonly store: RecordStore;
  readonly batch: BatchEndpoint;
  private readonly records: RecordSet;
  private readonly bulk: Readonly<BulkSettings>;
  private readonly cache: ReadCache;
  private readonly keyed: KeyedReplies;
  private created = 0;

  constructor(surroundings: Surroundings, cx: Cx) {
    const rules = {
      schema: ASSIGNMENT_SCHEMA,
      defaults: ASSIGNMENT_DEFAULTS,
      versioning: hashedVersions(),
    };
    this.records = new RecordSet(rules, surroundings);
    this.store = this.records.store;
    this.cache = new ReadCache(cx);
    this.keyed = new KeyedReplies(cx);
    this.bulk = surroundings.bulk;
    const { keyed, bulk } = this;
    this.batch = bulkAssignments({ api: this, keyed, settings: bulk, refuse: refusal });
  }

  locate(path: string): Place {
    const rest = path.slice(this.prefix.length);
    if (rest === '') return { kind: 'collection' };
    const id = ID.exec(rest)?.[1];
    return id === undefined ? { kind: 'refused', reply: this.error(404) } : { kind: 'record', id };
  }

  rowAt(place: Place): Row | undefined {
    return place.kind === 'record' ? this.store.find(place.id) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    if (place.kind === 'collection') return this.list(request);
    switch (request.method) {
      case 'GET': {
        const row = this.rowAt(place);
        return row === undefined ? this.error(404) : cachedReply(this.cache.read(row), request);
      }
      case 'PATCH':
      case 'PUT':
        return this.keyed.answer(request, () => this.write(request, place));
      default:
        return this.error(405);
    }
  }

  error(status: number): Reply {
    return refusal(status, TITLES[status] ?? `Error ${String(status)}`);
  }

  put(fields: Fields, by: By): string {
    const id = typeof fields.id === 'string' ? fields.id : this.nextId();
    return this.records.create(id, fields, { id }, by).id;
  }

  canonicalId(name: string): string {
    return name;
  }

  /**
   * The assignments that `ids` names, those that do not exist left out; all without `ids`. `next` is
   * the address of the rest, where they are more than a page.
   */
  private list(request: ApiRequest): Reply {
    if (request.method !== 'GET') return this.error(405);
    const options = new URLSearchParams(request.query);
    const offset = options.get('offset') ?? '0';
    if (!/^\d{1,6}$/.test(offset)) return refusal(400, 'offset: a whole number');
    const ids = options.get('ids')?.split(',');
    const rows = ids?.map(id => this.store.find(id)) ?? [...this.store.all()];
    const found = rows.filter(row => row !== undefined);
    const end = Number(offset) + this.bulk.pageSize;
    options.set('offset', String(end));
    const next = found.length > end ? `${request.path}?${options.toString()}` : undefined;
    return this.listed(found.slice(Number(offset), end), request, next);
  }

  private listed(rows: readonly Row[], request: ApiRequest, next: string | undefined): Reply {
    const read = rows.map(row => this.cache.read(row));
    const assignments = read.map(({ values }) => selected(values, request));
    const isHit = read.some(record => record.isHit);
    return withCacheStatus(jsonReply(200, { assignments, next }), isHit);
  }

  private write(request: ApiRequest, place: Place): Reply {
    const row = this.rowAt(place);
    if (row === undefined) return this.error(404);
    const payload = jsonObject(request.body);
    if (payload === undefined) return refusal(400, 'The body is not a JSON object.');
    const changes = readChanges(payload, { schema: ASSIGNMENT_SCHEMA });
    if ('problem' in changes) return refusal(400, changes.problem);
    const isWhole = request.method === 'PUT';
    const fields = isWhole ? this.records.whole(changes.fields) : changes.fields;
    this.records.disturb(row, isWhole ? differing(row, changes.fields) : changes.fields);
    if (!ifMatchHolds(request.headers['if-match'], row.etag, 'strong')) {
      return refusal(409, 'ETag mismatch - resource modified');
    }
    this.store.update(row, fields, 'api');
    return recordReply(row.values, row.etag);
  }

  private nextId(): string {
    this.created += 1;
    return `T${String(9000 + this.created)}`;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Assignment not found',
  405: 'Method not allowed',
  413: 'Payload too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  424: 'Not processed because of another assignment',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

function cachedReply({ values, etag, isHit }: CachedRecord, request: ApiRequest): Reply {
  return withCacheStatus(recordReply(selected(values, request), etag), isHit);
}

function recordReply(values: Fields, etag: string): Reply {
  const reply = jsonReply(200, values);
  return { ...reply, headers: { ...reply.headers, etag } };
}

function withCacheStatus(reply: Reply, isHit: boolean): Reply {
  return { ...reply, headers: { ...reply.headers, 'x-cache-status': isHit ? 'HIT' : 'MISS' } };
}

/** The members that `fields` names, unknown ones left out; all without `fields`. */
function selected(values: Fields, request: ApiRequest): Fields {
  const names = new URLSearchParams(request.query).get('fields')?.split(',');
  if (names === undefined) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

function refusal(status: number, error: string): Reply {
  return jsonReply(status, { error });
}
