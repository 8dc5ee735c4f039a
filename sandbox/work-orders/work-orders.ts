import { ifMatchHolds } from '../http/preconditions';
import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import { createdWorkOrderId } from '../ids';
import type { OrderOnFloor } from '../machines/machine-events';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet, differing } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import {
  WORK_ORDER_OPERATORS,
  WORK_ORDER_TERMINALS,
  mayBecome,
  missingForRework,
  statusSince,
} from './rules';
import { WORK_ORDER_DEFAULTS, WORK_ORDER_SCHEMA, recordVersions } from './schema';
import { parseWorkOrderChanges, statusReply } from './wire';

const PATH = /^\/api\/work-orders\/([\w.-]+)$/;
const CONFLICT = 'Work order status conflict';

/** Work orders as a manufacturing execution system serves them: strong versions, a state machine, 409 for both. */
export class WorkOrders implements RecordApi {
  readonly prefix = '/api/work-orders';
  readonly store: RecordStore;
  private readonly records: RecordSet;
  private created = 0;

  constructor(surroundings: Surroundings) {
    const rules = {
      schema: WORK_ORDER_SCHEMA,
      defaults: WORK_ORDER_DEFAULTS,
      versioning: recordVersions(),
      operators: WORK_ORDER_OPERATORS,
      terminals: WORK_ORDER_TERMINALS,
      follow: statusSince,
    };
    this.records = new RecordSet(rules, surroundings);
    this.store = this.records.store;
  }

  locate(path: string): Place {
    const id = PATH.exec(path)?.[1];
    return id === undefined ? { kind: 'refused', reply: this.error(404) } : { kind: 'record', id };
  }

  rowAt(place: Place): Row | undefined {
    return place.kind === 'record' ? this.store.find(place.id) : undefined;
  }

  handle(request: ApiRequest, place: Place): Reply {
    const row = this.rowAt(place);
    switch (request.method) {
      case 'GET':
        return row === undefined ? this.error(404) : this.read(row);
      case 'PATCH':
      case 'PUT':
        return row === undefined ? this.error(404) : this.write(request, row);
      default:
        return this.error(405);
    }
  }

  error(status: number): Reply {
    return statusReply(status);
  }

  put(fields: Fields, by: By): string {
    const given = fields.workOrderId;
    const id = typeof given === 'string' ? given : this.nextId();
    return this.records.create(id, fields, { workOrderId: id }, by).id;
  }

  canonicalId(name: string): string {
    return name;
  }

  /** All of them with their statuses. */
  onFloor(): readonly OrderOnFloor[] {
    return Array.from(this.store.all(), ({ id, values }) => ({
      id,
      status: String(values.status),
    }));
  }

  private read(row: Row): Reply {
    this.records.visit(row);
    return recordReply(row);
  }

  private write(request: ApiRequest, row: Row): Reply {
    const changes = parseWorkOrderChanges(request.body);
    if ('refusal' in changes) return changes.refusal;
    const isWhole = request.method === 'PUT';
    const fields = isWhole ? this.records.whole(changes.fields) : changes.fields;
    this.records.disturb(row, isWhole ? differing(row, changes.fields) : changes.fields);
    const stale = changes.version !== undefined && changes.version !== row.version;
    if (stale || !ifMatchHolds(request.headers['if-match'], row.etag, 'strong')) {
      return conflict('The record has been modified by another user');
    }
    return businessRefusal(row, fields) ?? this.commit(row, fields);
  }

  private commit(row: Row, fields: Fields): Reply {
    this.store.update(row, fields, 'api');
    return recordReply(row);
  }

  private nextId(): string {
    this.created += 1;
    return createdWorkOrderId(this.created);
  }
}

function recordReply(row: Row): Reply {
  const reply = jsonReply(200, row.values);
  return { ...reply, headers: { ...reply.headers, etag: row.etag } };
}

/** The refusal of the state machine or of the rework form; undefined when neither objects. */
function businessRefusal(row: Row, fields: Fields): Reply | undefined {
  const after: Fields = { ...row.values, ...fields };
  if (after.status === null) {
    return jsonReply(400, { error: 'Bad Request', message: "Field 'status' is required." });
  }
  if (!mayBecome(row.values.status, after.status)) {
    return conflict('Cannot transition from current state');
  }
  const missing = missingForRework(row.values, after);
  if (missing.length === 0) return undefined;
  const message = `Status Rework needs ${missing.join(', ')}`;
  return jsonReply(422, { error: 'Validation failed', message, fields: missing });
}

function conflict(message: string): Reply {
  return jsonReply(409, { error: CONFLICT, message });
}
