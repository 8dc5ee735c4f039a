import { odataBatch } from './bulk/odata-batch';
import type { BatchEndpoint } from './bulk/plan';
import { bulkSettings } from './bulk/settings';
import type { BulkSettings } from './bulk/settings';
import { Descriptions } from './described/descriptions';
import { Documents } from './documents/documents';
import { Faults } from './faults/faults';
import { financeService } from './finance/batch';
import { FINANCE_LINES, FINANCE_ORDERS } from './finance/entities';
import { FinanceRecords } from './finance/finance-records';
import { Shifts } from './machines/shifts';
import { DEFAULT_OAUTH, TokenEndpoint } from './oauth';
import type { SandboxOptions } from './options';
import { Encounters } from './people/encounters';
import { Interference, ratesOf } from './people/interference';
import { Journal } from './records/journal';
import type { By } from './records/journal';
import type { RecordApi } from './records/record-api';
import { RECORD_KINDS } from './records/record-kinds';
import type { RecordKind } from './records/record-kinds';
import type { Surroundings } from './records/record-set';
import type { Row } from './records/store';
import { dataverseService } from './sales-orders/batch';
import { SalesOrders } from './sales-orders/sales-orders';
import { sapService } from './sap/batch';
import { SapOrders } from './sap/sap-orders';
import { SapSessions } from './sap/sessions';
import { SEEDS } from './seed';
import { Counters } from './stats';
import type { Stats } from './stats';
import { Cx } from './territories/cx';
import { Territories } from './territories/territories';
import { WorkOrders } from './work-orders/work-orders';

/** The APIs, with what only one of them can do. */
interface Apis extends Readonly<Record<RecordKind, RecordApi>> {
  readonly sapOrders: SapOrders;
  readonly territories: Territories;
  readonly documents: Documents;
}

/** Everything the sandbox plays and remembers, without the network. */
export class World {
  readonly interference: Interference;
  readonly apis: Readonly<Record<RecordKind, RecordApi>>;
  readonly faults: Faults;
  readonly tokens: TokenEndpoint;
  readonly tokenRequired: boolean;
  readonly sap = new SapSessions();
  readonly cx: Cx;
  readonly descriptions: Descriptions;
  readonly bulk: BulkSettings;
  readonly counters = new Counters();
  private readonly batches: readonly BatchEndpoint[];
  private readonly list: readonly RecordApi[];

  constructor(options: SandboxOptions) {
    const encounters = new Encounters(options.encounters ?? []);
    this.interference = new Interference(ratesOf(options.load ?? 'quiet'), encounters);
    this.cx = new Cx(options.staleReads ?? 0);
    this.descriptions = new Descriptions(options.describedSets ?? 0);
    this.bulk = bulkSettings(options.bulk ?? {});
    const apis = this.open(options);
    this.apis = apis;
    this.batches = batchEndpoints(apis, this.bulk, options.seed ?? 1);
    this.list = Object.values(this.apis);
    for (const kind of RECORD_KINDS) {
      const { count, fieldsOf } = SEEDS[kind];
      const api = this.apis[kind];
      for (let n = 1; n <= (options[kind] ?? count); n += 1) api.put(fieldsOf(n), 'seed');
    }
    encounters.check(id => this.rowOf(id));
    this.faults = new Faults(name => this.list.map(api => api.canonicalId(name)));
    for (const rule of options.faults ?? []) this.faults.add(rule);
    this.tokens = new TokenEndpoint({ ...DEFAULT_OAUTH, ...options.auth });
    this.tokenRequired = options.auth !== undefined;
  }

  /** The API that serves a path. */
  apiAt(path: string): RecordApi | undefined {
    return this.list.find(({ prefix }) => path.startsWith(prefix));
  }

  /** What takes requests for many records at a path. */
  batchAt(path: string): BatchEndpoint | undefined {
    return this.batches.find(endpoint => endpoint.serves(path));
  }

  stats(): Stats {
    const { user, system } = process.cpuUsage();
    return {
      requests: { ...this.counters.requests },
      statuses: { ...this.counters.statuses },
      parts: { ...this.counters.parts },
      partStatuses: { ...this.counters.partStatuses },
      maxInFlight: this.counters.maxInFlight,
      changes: this.changes(),
      faults: { ...this.faults.struck },
      tokens: this.tokens.issued,
      csrfTokens: this.sap.tokenFetches,
      sessions: this.sap.sessions,
      replays: this.cx.replays,
      cpuMicros: user + system,
    };
  }

  private open({ seed = 1, keepHistory = true }: SandboxOptions): Apis {
    const surroundings = (): Surroundings => ({
      journal: new Journal(keepHistory),
      seed,
      interference: this.interference,
      bulk: this.bulk,
    });
    const workOrders = new WorkOrders(surroundings());
    return {
      orders: new SalesOrders(surroundings()),
      workOrders,
      financeOrders: new FinanceRecords(FINANCE_ORDERS, surroundings()),
      financeLines: new FinanceRecords(FINANCE_LINES, surroundings()),
      sapOrders: new SapOrders(surroundings(), this.sap),
      territories: new Territories(surroundings(), this.cx),
      documents: new Documents(surroundings()),
      shifts: new Shifts(surroundings(), () => workOrders.onFloor()),
    };
  }

  private rowOf(id: string): Row | undefined {
    for (const { store } of this.list) {
      const row = store.find(id);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  private changes(): Stats['changes'] {
    const sum = (by: By): number =>
      this.list.reduce((total, { store }) => total + store.journal.counts[by], 0);
    return {
      api: sum('api'),
      background: sum('background'),
      operator: sum('operator'),
      seed: sum('seed'),
    };
  }
}

/** Where requests for many records go. */
function batchEndpoints(apis: Apis, bulk: BulkSettings, seed: number): readonly BatchEndpoint[] {
  const { orders, financeOrders, financeLines, sapOrders, territories, documents } = apis;
  const services = [
    dataverseService(orders),
    financeService(financeOrders, financeLines),
    sapService(sapOrders),
  ];
  const batches = services.map(service => odataBatch(service, bulk, seed));
  return [...batches, territories.batch, documents.batch];
}
