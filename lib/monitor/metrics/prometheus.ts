import type * as Client from 'prom-client';
import type { EndedUpdate } from '../../outcome/ended-update';
import {
  clientMissing,
  DURATION_BOUNDS_S,
  SECOND_MS,
  type EndpointLabels,
  type Instruments,
  type Sources,
} from './instruments';

/** A page of numbers as Prometheus reads them. */
export interface PrometheusPage extends Instruments {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * Numbers in a registry of their own: whatever else uses prom-client in this process is left alone. The package is loaded
 * only here. Rejects with InputError `METRICS_CLIENT_MISSING`.
 */
export async function createPrometheusPage(
  sources: Sources,
  load: () => Promise<typeof Client> = () => import('prom-client'),
): Promise<PrometheusPage> {
  return new Page(await loaded(load), sources);
}

async function loaded(load: () => Promise<typeof Client>): Promise<typeof Client> {
  try {
    return await load();
  } catch (error) {
    throw clientMissing('Prometheus', 'prom-client@15', error);
  }
}

class Page implements PrometheusPage {
  private readonly registry: Client.Registry;
  private readonly updates: Client.Counter<'endpoint' | 'family' | 'outcome'>;
  private readonly durations: Client.Histogram<'endpoint' | 'family' | 'outcome'>;
  private readonly attempts: Client.Counter<'endpoint' | 'family' | 'class'>;
  private readonly requests: Client.Histogram<'endpoint' | 'family' | 'kind'>;
  private readonly locks: Client.Histogram<'endpoint' | 'family' | 'granted'>;

  constructor({ Counter, Gauge, Histogram, Registry }: typeof Client, sources: Sources) {
    const registry = (this.registry = new Registry());
    const common = { registers: [registry] };
    const buckets = DURATION_BOUNDS_S;
    this.updates = new Counter({
      ...common,
      name: 'record_updates_total',
      help: 'Updates that ended, by outcome; retry counts passes of wired loops.',
      labelNames: ['endpoint', 'family', 'outcome'],
    });
    this.durations = new Histogram({
      ...common,
      buckets,
      name: 'record_updates_duration_seconds',
      help: 'From the message to the end of its update.',
      labelNames: ['endpoint', 'family', 'outcome'],
    });
    this.attempts = new Counter({
      ...common,
      name: 'record_updates_attempts_total',
      help: 'Writes sent, by what the answer meant.',
      labelNames: ['endpoint', 'family', 'class'],
    });
    this.requests = new Histogram({
      ...common,
      buckets,
      name: 'record_updates_request_duration_seconds',
      help: 'Requests to the API: reads, and writes, which are attempts.',
      labelNames: ['endpoint', 'family', 'kind'],
    });
    this.locks = new Histogram({
      ...common,
      buckets,
      name: 'record_updates_lock_wait_seconds',
      help: 'Waits for the lock of a record.',
      labelNames: ['endpoint', 'family', 'granted'],
    });
    gaugesOf(Gauge, common, sources);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  ended({ endpoint, family }: EndpointLabels, { result }: EndedUpdate): void {
    const { attempts, durationMs, outcome } = result;
    this.updates.inc({ endpoint, family, outcome });
    this.durations.observe({ endpoint, family, outcome }, durationMs / SECOND_MS);
    for (const attempt of attempts) this.attempts.inc({ endpoint, family, class: attempt.class });
  }

  requested({ endpoint, family }: EndpointLabels, kind: 'read' | 'write', ms: number): void {
    this.requests.observe({ endpoint, family, kind }, ms / SECOND_MS);
  }

  locked({ endpoint, family }: EndpointLabels, isGranted: boolean, ms: number): void {
    this.locks.observe({ endpoint, family, granted: String(isGranted) }, ms / SECOND_MS);
  }
}

/** What is asked for when the page is read. */
function gaugesOf(
  Gauge: typeof Client.Gauge,
  common: { readonly registers: Client.Registry[] },
  { deadLetters, queues }: Sources,
): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (set: (labels: Record<string, string>, value: number) => void) => Promise<void>,
  ): void => {
    new Gauge<string>({
      ...common,
      name: `record_updates_${name}`,
      help,
      labelNames: [...labelNames],
      async collect() {
        this.reset();
        await collect((labels, value) => {
          this.set(labels, value);
        });
      },
    });
  };
  const queueLabels = ['store', 'queue'] as const;
  gauge('queue_depth', 'Updates that wait in a queue.', queueLabels, async set => {
    for (const { store, queue, waiting } of await queues()) set({ store, queue }, waiting);
  });
  gauge('queue_in_flight', 'Updates that a queue has handed on.', queueLabels, async set => {
    for (const { store, queue, inFlight } of await queues()) set({ store, queue }, inFlight);
  });
  gauge('queue_age_seconds', 'Age of what waits longest in a queue.', queueLabels, async set => {
    for (const { store, queue, oldestAgeMs = 0 } of await queues()) {
      set({ store, queue }, oldestAgeMs / SECOND_MS);
    }
  });
  gauge(
    'queue_updates',
    'Updates of a queue since it was made, by what became of them.',
    [...queueLabels, 'state'],
    async set => {
      for (const { store, queue, updates } of await queues()) {
        for (const [state, count] of Object.entries(updates)) set({ store, queue, state }, count);
      }
    },
  );
  gauge(
    'dead_letters',
    'Updates that wait for a person.',
    ['store', 'list', 'reason'],
    async set => {
      for (const { count, ...labels } of await deadLetters()) set(labels, count);
    },
  );
}
