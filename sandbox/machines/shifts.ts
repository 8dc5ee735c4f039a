import { jsonReply } from '../http/reply';
import type { ApiRequest, Reply } from '../http/reply';
import type { Fields } from '../records/field-types';
import type { By } from '../records/journal';
import type { Place, RecordApi } from '../records/record-api';
import { RecordSet } from '../records/record-set';
import type { Surroundings } from '../records/record-set';
import type { RecordStore, Row } from '../records/store';
import { recordVersions } from '../work-orders/schema';
import { statusReply } from '../work-orders/wire';
import { machineEvents } from './machine-events';
import type { OrderOnFloor } from './machine-events';
import type { MachineEvent } from './signals';

const PATH = /^\/api\/machine-events\/([\w.-]+)$/;
/** `shift-7`, or `shift-7-200` for another count than 1000. */
const NAME = /^shift-(\d{1,9})(?:-([1-9]\d{0,3}))?$/;

/**
 * What the machines of a shift signal, as a record to read: `{id, events}`. The name says seed and
 * count. It is made for the work orders as they are at its first read, and stays as it is.
 */
export class Shifts implements RecordApi {
  readonly prefix = '/api/machine-events';
  readonly store: RecordStore;
  private readonly records: RecordSet;

  /** `workOrders` tells them as they are now. */
  constructor(
    surroundings: Surroundings,
    private readonly workOrders: () => readonly OrderOnFloor[],
  ) {
    const versioning = { ...recordVersions(), stamp: () => undefined };
    this.records = new RecordSet({ schema: {}, defaults: {}, versioning }, surroundings);
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
    if (place.kind !== 'record') return this.error(404);
    if (request.method !== 'GET') return this.error(405);
    const row = this.rowAt(place) ?? this.made(place.id);
    if (row === undefined) return this.error(404);
    const reply = jsonReply(200, row.values);
    return { ...reply, headers: { ...reply.headers, etag: row.etag } };
  }

  error(status: number): Reply {
    return statusReply(status);
  }

  /** `events` may be given; otherwise they are made. Throws when the id is no name of a shift then. */
  put({ id = 'shift-1', events }: Fields, by: By): string {
    const name = String(id);
    const list = events ?? this.eventsOf(name);
    if (list === undefined) throw new Error('id: a name such as shift-7, unless events are given');
    return this.create(name, list, by).id;
  }

  canonicalId(name: string): string {
    return name;
  }

  private made(name: string): Row | undefined {
    const events = this.eventsOf(name);
    return events && this.create(name, events, 'seed');
  }

  private create(id: string, events: unknown, by: By): Row {
    return this.records.create(id, { id, events }, {}, by);
  }

  private eventsOf(name: string): readonly MachineEvent[] | undefined {
    const [, seed, count] = NAME.exec(name) ?? [];
    if (seed === undefined) return undefined;
    const orders = this.workOrders();
    const plan = { seed: Number(seed), orders, startAt: Date.now() };
    return machineEvents(count === undefined ? plan : { ...plan, count: Number(count) });
  }
}
