import type { MachineEvent } from '../../sandbox/index';
import type { Answer } from './fed-by-http';
import { groupBy } from './judge/order-case';

/** Sends one event; rejects when no answer comes. */
export type Post = (
  event: MachineEvent,
) => Promise<{ readonly ok: boolean; readonly answer: Answer }>;

/** What came of one delivery. */
export interface Delivery {
  readonly event: MachineEvent;
  readonly end: string;
  /** How often it was sent until it was acknowledged. */
  readonly times: number;
}

/**
 * A source that loses nothing: of each work order it sends one event at a time, in the order of
 * their signals, and repeats it until it is acknowledged.
 */
export class Source {
  readonly deliveries: Delivery[] = [];

  constructor(
    private readonly post: Post,
    /** Resolves when it makes sense to send again. */
    private readonly ready: () => Promise<unknown>,
  ) {}

  /** Ids of the events that were acknowledged. */
  get acknowledged(): ReadonlySet<string> {
    return new Set(this.deliveries.map(({ event }) => event.id));
  }

  /** Sends all events, all work orders at a time. */
  async sendAll(events: readonly MachineEvent[]): Promise<void> {
    const inOrder = [...events].sort((a, b) => a.at.localeCompare(b.at));
    const orders = groupBy(inOrder, ({ workOrder }) => workOrder);
    await Promise.all([...orders.values()].map(trail => this.sendInTurn(trail)));
  }

  private async sendInTurn(trail: readonly MachineEvent[]): Promise<void> {
    for (const event of trail) this.deliveries.push(await this.deliver(event));
  }

  private async deliver(event: MachineEvent): Promise<Delivery> {
    for (let times = 1; ; times += 1) {
      await this.ready();
      const reply = await this.post(event).catch(() => undefined);
      if (reply?.ok === true) return { event, end: reply.answer.end, times };
    }
  }
}
