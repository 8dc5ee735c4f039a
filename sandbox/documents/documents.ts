import type { BatchEndpoint } from '../bulk/plan';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import { decodedOnce } from '../odata';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet, differing } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import { ALL_DOCS, allDocs } from './all-docs';
import { bulkDocs } from './bulk-docs';
import { WORK_CENTER_DEFAULTS, WORK_CENTER_SCHEMA, revisions } from './schema';
import {
  SPECIAL_MEMBERS,
  conflictReply,
  documentOf,
  readDocument,
  refusal,
  statusReply,
  writtenReply,
} from './wire';

const DATABASE = 'work-centers';
const PATH = /^\/couch\/([^/]+)(?:\/([^/]+))?$/;

/** Documents as CouchDB serves them: the version is a member of the document, and 409 answers a stale one. */
export class Documents implements RecordApi {
  readonly prefix = '/couch/';
  readonly store: RecordStore;
  readonly batch: BatchEndpoint;
  private readonly records: RecordSet;
  private created = 0;

  constructor(surroundings: Surroundings) {
    const rules = {
      schema: WORK_CENTER_SCHEMA,
      defaults: WORK_CENTER_DEFAULTS,
      versioning: revisions(),
    };
    this.records = new RecordSet(rules, surroundings);
    this.store = this.records.store;
    this.batch = bulkDocs(this, `${this.prefix}${DATABASE}`);
  }

  locate(path: string): Place {
    const [, database, key = ''] = PATH.exec(path) ?? [];
    const id = decodedOnce(key);
    if (database !== DATABASE) {
      return { kind: 'refused', reply: refusal(404, 'not_found', 'Database does not exist.') };
    }
    if (id === undefined) return { kind: 'refused', reply: this.error(400) };
    return id === '' || id === ALL_DOCS ? { kind: 'collection' } : { kind: 'record', id };
  }

  rowAt(place: Place): Row | undefined {
    return place.kind === 'record' ? this.store.find(place.id) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    if (place.kind === 'refused') return place.reply;
    if (place.kind !== 'record') {
      const isList = request.path.endsWith(`/${ALL_DOCS}`);
      return isList ? allDocs(request, this.store) : this.about(request);
    }
    switch (request.method) {
      case 'GET':
        return this.read(place.id);
      case 'PUT':
        return this.write(request, place.id);
      default:
        return this.error(405);
    }
  }

  error(status: number): Reply {
    return statusReply(status);
  }

  put(fields: Fields, by: By): string {
    const { _id: given } = fields;
    const id = typeof given === 'string' ? given : this.nextId();
    return this.records.create(id, fields, { _id: id }, by).id;
  }

  canonicalId(name: string): string {
    return name;
  }

  private about(request: ApiRequest): Reply {
    if (request.method !== 'GET') return this.error(405);
    return jsonReply(200, { db_name: DATABASE, doc_count: [...this.store.all()].length });
  }

  private read(id: string): Reply {
    const row = this.store.find(id);
    if (row === undefined) {
      return refusal(404, 'not_found', reasonOfAbsence(this.store, id));
    }
    const reply = jsonReply(200, documentOf(row));
    return { ...reply, headers: { ...reply.headers, etag: `"${row.etag}"` } };
  }

  private write(request: ApiRequest, id: string): Reply {
    const sent = readDocument(request, id);
    return 'refusal' in sent ? sent.refusal : this.commit(id, sent.rev, sent.members);
  }

  /** Replaces the document, or creates it when neither it nor a revision is there. */
  private commit(id: string, rev: string | undefined, members: Fields): Reply {
    const row = this.store.find(id);
    if (row === undefined) {
      if (rev !== undefined) return conflictReply();
      return writtenReply(this.store.create(id, { _id: id, ...members }, 'api'));
    }
    this.records.disturb(row, differing(row, members));
    if (rev !== row.etag) return conflictReply();
    this.store.update(row, { ...absent(row, members), ...members }, 'api');
    return writtenReply(row);
  }

  private nextId(): string {
    this.created += 1;
    return `WC-${String(9000 + this.created)}`;
  }
}

function reasonOfAbsence(store: RecordStore, id: string): string {
  return store.removedVersion(id) === undefined ? 'missing' : 'deleted';
}

/** The members that a whole document leaves out and thereby removes. */
function absent(row: Row, members: Fields): Fields {
  const names = Object.keys(row.values).filter(
    name => !SPECIAL_MEMBERS.includes(name) && !(name in members),
  );
  return Object.fromEntries(names.map(name => [name, undefined]));
}
