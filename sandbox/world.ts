import { Faults } from './faults';
import { Interference, ratesOf } from './interference';
import { Journal } from './journal';
import { DEFAULT_OAUTH, TokenEndpoint } from './oauth';
import type { SandboxOptions } from './options';
import type { RecordApi } from './record-api';
import { SalesOrders } from './sales-orders';
import { seedSalesOrders, seedWorkOrders } from './seed';
import { Counters } from './stats';
import type { Stats } from './stats';
import { WorkOrders } from './work-orders';

const DEFAULT_COUNT = 200;

export type RecordKind = 'orders' | 'workOrders';

/** Everything the sandbox plays and remembers, without the network. */
export class World {
  readonly interference: Interference;
  readonly apis: Readonly<Record<RecordKind, RecordApi>>;
  readonly faults: Faults;
  readonly tokens: TokenEndpoint;
  readonly tokenRequired: boolean;
  readonly counters = new Counters();

  constructor(options: SandboxOptions) {
    const { seed = 1, keepHistory = true } = options;
    this.interference = new Interference(ratesOf(options.load ?? 'quiet'));
    this.apis = {
      orders: new SalesOrders(new Journal(keepHistory), seed, this.interference),
      workOrders: new WorkOrders(new Journal(keepHistory), seed, this.interference),
    };
    seedSalesOrders(this.apis.orders, options.orders ?? DEFAULT_COUNT);
    seedWorkOrders(this.apis.workOrders, options.workOrders ?? DEFAULT_COUNT);
    this.faults = new Faults(name => this.apis.orders.canonicalId(name));
    for (const rule of options.faults ?? []) this.faults.add(rule);
    this.tokens = new TokenEndpoint({ ...DEFAULT_OAUTH, ...options.auth });
    this.tokenRequired = options.auth !== undefined;
  }

  stats(): Stats {
    const { user, system } = process.cpuUsage();
    return {
      requests: { ...this.counters.requests },
      statuses: { ...this.counters.statuses },
      maxInFlight: this.counters.maxInFlight,
      changes: this.changes(),
      faults: { ...this.faults.struck },
      tokens: this.tokens.issued,
      cpuMicros: user + system,
    };
  }

  private changes(): Stats['changes'] {
    const orders = this.apis.orders.store.journal.counts;
    const workOrders = this.apis.workOrders.store.journal.counts;
    return {
      api: orders.api + workOrders.api,
      background: orders.background + workOrders.background,
      operator: orders.operator + workOrders.operator,
      seed: orders.seed + workOrders.seed,
    };
  }
}
