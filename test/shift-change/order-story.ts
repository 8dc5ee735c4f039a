import type { By, Change, LoggedRequest } from '../../sandbox/index';
import type { EventReport, MachineEvent, OrderRecord } from './judge/order-case';

/** Noon of some day; every step of a story is a second later than the one before. */
const NOON = Date.UTC(2026, 1, 8, 12);
const STEP_MS = 1_000;

type Fields = Readonly<Record<string, unknown>>;

/** A way an event ends besides the outcome. */
type Details = Partial<Omit<EventReport, 'id' | 'workOrder'>>;

/** What a signal says besides; `at` in milliseconds since the epoch, by default now. */
type Signal = Pick<MachineEvent, 'defect' | 'operationId'> & { readonly at?: number };

/** Tells what happened to one work order, as the server and the flow would have noted it. */
export class OrderStory {
  readonly events: MachineEvent[] = [];
  readonly reports: EventReport[] = [];
  private readonly history: Change[] = [];
  private readonly requests: LoggedRequest[] = [];
  private readonly values: Record<string, unknown> = { openedBy: null };
  private now = NOON;

  constructor(
    status: string,
    private readonly workOrder = 'WO-1',
  ) {
    this.change('seed', { status });
  }

  get record(): OrderRecord {
    return { history: this.history, requests: this.requests };
  }

  get version(): string {
    return `"v${String(this.history.length)}"`;
  }

  /** The machine signals; what the flow reports about it is told separately. */
  sent(id: string, status: string, { at = this.now, ...more }: Signal = {}): MachineEvent {
    const event = {
      id,
      workOrder: this.workOrder,
      status,
      at: new Date(at).toISOString(),
      ...more,
    };
    this.events.push(event);
    return event;
  }

  /** An event that went through: signal, write and report. */
  carriedOut(id: string, status: string, details: Details = {}): this {
    const event = this.sent(id, status);
    this.write(event);
    return this.reported(event, 'updated', details);
  }

  /** A PATCH and, unless it was refused, its effect. */
  write(event: MachineEvent, { ifMatch = this.version, answer = 200 } = {}): this {
    const fields = { status: event.status, lastEventId: event.id };
    this.asked(fields, { ifMatch, answer });
    return answer === 200 ? this.change('api', fields) : this;
  }

  /** A request to write, without an effect. */
  asked(fields: Fields, { ifMatch = this.version, answer = 409, answered = true } = {}): this {
    const at = this.tick();
    this.requests.push({ at, method: 'PATCH', status: answer, answered, ifMatch, fields });
    return this;
  }

  /** A change by somebody else, or one of ours that no request was logged for. */
  change(by: By, fields: Fields): this {
    const differences = Object.entries(fields).map(([name, after]) => [
      name,
      { before: this.values[name] ?? null, after },
    ]);
    Object.assign(this.values, fields);
    this.history.push({
      version: `"v${String(this.history.length + 1)}"`,
      at: this.tick(),
      by,
      action: by === 'seed' ? 'create' : 'update',
      fields: Object.fromEntries(differences),
    });
    return this;
  }

  /** How the flow ended, after a last look; from the event's time until now where nothing else is said. */
  reported(event: MachineEvent, end: string, details: Details = {}): this {
    return this.read().reportedUnseen(event, end, details);
  }

  /** How the flow ended, without another look. */
  reportedUnseen(event: MachineEvent, end: string, details: Details = {}): this {
    const arrivedAt = details.arrivedAt ?? Date.parse(event.at);
    const ms = this.now - arrivedAt;
    this.reports.push({ ...event, arrivedAt, ms, end, ...details });
    return this;
  }

  private read(): this {
    this.requests.push({ at: this.time, method: 'GET', status: 200, answered: true });
    return this;
  }

  private tick(): string {
    this.now += STEP_MS;
    return this.time;
  }

  private get time(): string {
    return new Date(this.now).toISOString();
  }
}
