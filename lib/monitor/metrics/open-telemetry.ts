import type * as Api from '@opentelemetry/api';
import type { EndedUpdate } from '../../outcome/ended-update';
import {
  clientMissing,
  SECOND_MS,
  type EndpointLabels,
  type Instruments,
  type Sources,
} from './instruments';

const NAME = '@flow-concord/node-red-record-updates';

/**
 * Numbers for whichever SDK has registered itself in this process; without one they go nowhere. The package is loaded only
 * here. Rejects with InputError `METRICS_CLIENT_MISSING`.
 */
export async function createOpenTelemetryMeter(
  sources: Sources,
  load: () => Promise<typeof Api> = () => import('@opentelemetry/api'),
): Promise<Instruments> {
  return new Meter(await loaded(load), sources);
}

async function loaded(load: () => Promise<typeof Api>): Promise<typeof Api> {
  try {
    return await load();
  } catch (error) {
    throw clientMissing('OpenTelemetry', '@opentelemetry/api@1', error);
  }
}

class Meter implements Instruments {
  private readonly updates: Api.Counter;
  private readonly durations: Api.Histogram;
  private readonly attempts: Api.Counter;
  private readonly requests: Api.Histogram;
  private readonly locks: Api.Histogram;

  constructor({ metrics }: typeof Api, sources: Sources) {
    const meter = metrics.getMeter(NAME);
    const seconds = (name: string, description: string): Api.Histogram =>
      meter.createHistogram(name, { description, unit: 's' });
    this.updates = meter.createCounter('record_updates.updates', {
      description: 'Updates that ended, by outcome; retry counts passes of wired loops.',
    });
    this.durations = seconds(
      'record_updates.duration',
      'From the message to the end of its update.',
    );
    this.attempts = meter.createCounter('record_updates.attempts', {
      description: 'Writes sent, by what the answer meant.',
    });
    this.requests = seconds('record_updates.request.duration', 'Requests to the API.');
    this.locks = seconds('record_updates.lock.wait', 'Waits for the lock of a record.');
    observe(meter, sources);
  }

  ended({ endpoint, family }: EndpointLabels, { result }: EndedUpdate): void {
    const { attempts, durationMs, outcome } = result;
    const labels = { endpoint, family, outcome };
    this.updates.add(1, labels);
    this.durations.record(durationMs / SECOND_MS, labels);
    for (const attempt of attempts)
      this.attempts.add(1, { endpoint, family, class: attempt.class });
  }

  requested({ endpoint, family }: EndpointLabels, kind: 'read' | 'write', ms: number): void {
    this.requests.record(ms / SECOND_MS, { endpoint, family, kind });
  }

  locked({ endpoint, family }: EndpointLabels, isGranted: boolean, ms: number): void {
    this.locks.record(ms / SECOND_MS, { endpoint, family, granted: isGranted });
  }
}

/** What is asked for when the SDK collects. */
function observe(meter: Api.Meter, { deadLetters, queues }: Sources): void {
  const depth = meter.createObservableGauge('record_updates.queue.depth', {
    description: 'Updates that wait in a queue.',
  });
  const age = meter.createObservableGauge('record_updates.queue.age', {
    description: 'Age of what waits longest in a queue.',
    unit: 's',
  });
  const letters = meter.createObservableGauge('record_updates.dead_letters', {
    description: 'Updates that wait for a person.',
  });
  meter.addBatchObservableCallback(
    async result => {
      for (const { store, queue, waiting, oldestAgeMs = 0 } of await queues()) {
        result.observe(depth, waiting, { store, queue });
        result.observe(age, oldestAgeMs / SECOND_MS, { store, queue });
      }
      for (const { count, ...labels } of await deadLetters()) {
        result.observe(letters, count, labels);
      }
    },
    [depth, age, letters],
  );
}
