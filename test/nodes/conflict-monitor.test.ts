import { setImmediate } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import helper from 'node-red-node-test-helper';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorReport } from '../../lib/monitor/report';
import type { ConflictMonitorConfig } from '../../nodes/conflict-monitor/config';
import type { AlertPayload } from '../../nodes/conflict-monitor/alerting';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Sandbox } from '../../sandbox/index';
import {
  bulkNode,
  catcher,
  deadLetterNode,
  inboxes,
  monitorNode,
  queueNode,
  settleNode,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
// A look comes every ten seconds.
useFastClock(20);

/** Of no order. */
const NO_ORDER = '5a1e0000-2025-4000-8000-00000000ffff';

interface Parts {
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly monitor?: Partial<ConflictMonitorConfig>;
  readonly extra?: readonly FlowNode[];
}

function flowAt(sandbox: Sandbox, { endpoint, monitor, extra = [] }: Parts = {}): FlowNode[] {
  return [
    // The clock must not run away from a busy machine.
    ordersAt(sandbox, { name: 'Orders', deadline: 3_600, timeout: 600, ...endpoint }),
    updateNode('update', [['updated'], ['not-updated']]),
    bulkNode('bulk', [['updated'], ['not-updated'], ['progress']], { input: 'list' }),
    monitorNode('monitor', [['alerts'], ['summary']], monitor),
    ...inboxes('updated', 'not-updated', 'progress', 'alerts', 'summary'),
    ...catcher(),
    ...extra,
  ];
}

const change = (text: string, key = ORDER): Msg => ({ key, payload: { description: text } });

interface SummaryPayload {
  readonly endpoints: readonly (MonitorReport & { readonly id: string; readonly name: string })[];
  readonly text: string;
}

async function summaryOf(flow: Flow): Promise<SummaryPayload> {
  const { at, msg } = await flow.pass('monitor', { payload: 'tell' });
  expect(at).toBe('summary');
  return msg.payload as SummaryPayload;
}

/** Somebody sets the description before the next write of the order is looked at. */
const MEETS_NOISE = { load: { noise: 1, target: 0 } };
const MEETS_CONFLICT = { load: { noise: 0, target: 1 } };

describe('a summary', () => {
  it('tells what conditional-update and bulk-update have done', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(flowAt(sandbox));
    await flow.pass('update', change('one'));
    await flow.pass('bulk', { payload: [{ key: ORDER, changes: { description: 'two' } }] });
    const { endpoints, text } = await summaryOf(flow);
    expect(endpoints).toHaveLength(1);
    expect(endpoints[0]).toMatchObject({ id: 'endpoint', name: 'Orders' });
    expect(endpoints[0]?.total).toMatchObject({ updates: 2, done: 2, attempts: 2, conflicts: 0 });
    expect(endpoints[0]?.byType.map(({ type }) => type)).toEqual(['salesorders']);
    expect(text).toContain('Orders: 2 updates, 0 % met a conflict');
  });

  it('names whom updates met, and counts by a field of the record', async () => {
    const sandbox = await startPractice(MEETS_CONFLICT);
    const flow = await Flow.start(
      flowAt(sandbox, {
        endpoint: {
          changedBy: '_modifiedby_value',
          changedAt: 'modifiedon',
          typeField: 'orderstatus',
        },
      }),
    );
    const { msg } = await flow.pass('update', change('one'));
    expect(msg.update?.outcome).toBe('conflict');
    const writer = msg.update?.conflict?.changedBy;
    expect(writer).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(msg.update?.conflict?.changedAt ?? '')).not.toBeNaN();
    expect(msg.update?.attempts[0]).toMatchObject({ changedBy: writer });
    const { endpoints } = await summaryOf(flow);
    expect(endpoints[0]?.writers).toEqual([{ writer, count: 1 }]);
    expect(endpoints[0]?.byType.map(({ type }) => type)).toEqual([
      sandbox.orders.get(ORDER)?.values.orderstatus,
    ]);
  });

  it('tells who made noise', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(
      flowAt(sandbox, { endpoint: { changedBy: '_modifiedby_value', conflictRetries: 1 } }),
    );
    sandbox.setLoad(MEETS_NOISE.load);
    const { msg } = await flow.pass('update', change('one'));
    expect(msg.update?.outcome).toBe('exhausted');
    const { endpoints } = await summaryOf(flow);
    expect(endpoints[0]?.total).toMatchObject({ conflicts: 1, noise: 1, permanent: 1 });
    const met = endpoints[0]?.writers.reduce((sum, { count }) => sum + count, 0);
    expect(met).toBe(2);
  });

  it('comes by itself every so many minutes', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(flowAt(sandbox, { monitor: { summaryEvery: 1 } }));
    const [first] = await flow.count('summary', 1);
    expect(first).toMatchObject({ topic: 'summary', payload: { days: 7 } });
  });

  it('of an endpoint that is not deployed goes to the Catch node', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(flowAt(sandbox, { monitor: { endpoint: 'gone' } }));
    const { at, msg } = await flow.pass('monitor', {});
    expect([at, msg.error?.code]).toEqual(['caught', 'ENDPOINT_MISSING']);
  });
});

describe('an alert', () => {
  const NOW = { conflictFor: 0, conflictLeast: 4, conflictAbove: 25, conflictClear: 10 };

  it('is raised, and ends when few enough meet a conflict', async () => {
    const sandbox = await startPractice(MEETS_CONFLICT);
    const flow = await Flow.start(
      flowAt(sandbox, { monitor: { ...NOW, permanentAlert: false, retryAlert: false } }),
    );
    for (const text of ['a', 'b', 'c', 'd']) await flow.pass('update', change(text));
    const [raised] = await flow.count('alerts', 1);
    expect(raised?.topic).toBe('conflict-rate');
    expect(raised?.payload).toMatchObject({
      alert: 'conflict-rate',
      state: 'raised',
      value: 1,
      of: 4,
      threshold: 0.25,
      endpoint: { id: 'endpoint', name: 'Orders' },
      text: 'Orders: 100 % of 4 in the last 5 min updates met a conflict, which is more than 25 %.',
    });
    sandbox.setLoad('quiet');
    for (let i = 0; i < 40; i++) await flow.pass('update', change(`e${String(i)}`));
    const [, cleared] = await flow.count('alerts', 2);
    expect((cleared?.payload as AlertPayload).state).toBe('cleared');
    expect((cleared?.payload as AlertPayload).since).toBe((raised?.payload as AlertPayload).since);
  });

  it('names the record type where each is looked at by itself', async () => {
    const sandbox = await startPractice(MEETS_CONFLICT);
    const flow = await Flow.start(
      flowAt(sandbox, {
        monitor: {
          endpoint: '',
          types: 'each',
          conflictAlert: false,
          permanentAbove: 0,
          permanentClear: 0,
        },
      }),
    );
    await flow.pass('update', change('a'));
    const [raised] = await flow.count('alerts', 1);
    expect(raised?.payload).toMatchObject({
      alert: 'permanent',
      state: 'raised',
      value: 1,
      recordType: 'salesorders',
    });
  });

  it('that could not end where it begins is refused with the sentence of the dialog', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(flowAt(sandbox, { monitor: { conflictClear: 30 } }));
    const { at, msg } = await flow.pass('monitor', {});
    expect([at, msg.error?.code]).toEqual(['caught', 'CLEARING_INVALID']);
  });
});

describe('the page for Prometheus', () => {
  const page = () => helper.request().get('/record-updates/metrics');

  /** The client is loaded meanwhile. */
  async function offered(): Promise<void> {
    while ((await page()).status !== 200) await setImmediate();
  }

  /** The value of a line, by its beginning. */
  async function value(start: string): Promise<number | undefined> {
    const { text } = await page();
    const line = text.split('\n').find(one => one.startsWith(start));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }

  it('is not there while no node offers it', async () => {
    const sandbox = await startPractice();
    await Flow.start(flowAt(sandbox));
    expect((await page()).status).toBe(404);
  });

  it('counts updates, attempts, requests, locks and queues, across deploys', async () => {
    const sandbox = await startPractice();
    const nodes = flowAt(sandbox, {
      endpoint: { name: 'Scraped' },
      monitor: { prometheus: true },
      extra: [
        storeNode({ keep: 'memory', name: 'Store' }),
        queueNode('queue', [['queued'], [], []], { queueName: 'orders' }),
        settleNode('settle', [[], [], []]),
        ...inboxes('queued'),
      ],
    });
    const flow = await Flow.start(nodes);
    await offered();
    await flow.pass('update', change('one'));
    await flow.redeploy(nodes);
    await offered();
    await flow.pass('update', change('two'));
    await flow.pass('queue', change('three'));
    const labels = 'endpoint="Scraped",family="dataverse"';
    expect(await value(`record_updates_total{${labels},outcome="updated"}`)).toBe(2);
    expect(await value(`record_updates_attempts_total{${labels},class="success"}`)).toBe(2);
    expect(await value(`record_updates_duration_seconds_count{${labels},outcome="updated"}`)).toBe(
      2,
    );
    expect(
      await value(`record_updates_request_duration_seconds_count{${labels},kind="write"}`),
    ).toBe(2);
    expect(await value(`record_updates_lock_wait_seconds_count{${labels},granted="true"}`)).toBe(2);
    const queue = 'store="Store",queue="orders"';
    expect(await value(`record_updates_queue_in_flight{${queue}}`)).toBe(1);
    expect(await value(`record_updates_queue_updates{${queue},state="accepted"}`)).toBe(1);
    const { text } = await page();
    expect(text).not.toContain(ORDER);
    // Each is described once.
    const described = text.match(/^# HELP .*/gm) ?? [];
    expect(new Set(described).size).toBe(described.length);
    expect(described.length).toBeGreaterThan(7);
  });

  it('counts what waits for a person, once for nodes that show one list', async () => {
    const sandbox = await startPractice();
    const letters = { name: 'For review', listName: 'orders' };
    await Flow.start(
      flowAt(sandbox, {
        monitor: { prometheus: true },
        extra: [
          storeNode({ keep: 'memory', name: 'Store' }),
          updateNode('kept', [[], ['letters']]),
          deadLetterNode('letters', [[], [], ['told']], letters),
          deadLetterNode('same', [[], [], []], letters),
          deadLetterNode('own', [[], [], []], { name: 'Nothing yet' }),
          ...inboxes('told'),
        ],
      }),
    ).then(flow => flow.pass('kept', change('one', NO_ORDER)));
    await offered();
    const list = 'store="Store",list="orders"';
    expect(await value(`record_updates_dead_letters{${list},reason="not-found"}`)).toBe(1);
    const { text } = await page();
    expect(text.match(/^record_updates_dead_letters\{/gm)).toHaveLength(1);
  });
});

it('the runtime has one listener, however often flows are deployed, and none when they are stopped', async () => {
  const before = Flow.listening('flows:started');
  const nodes = flowAt(await startPractice(), { extra: [monitorNode('second', [[], []])] });
  const flow = await Flow.start(nodes);
  expect(Flow.listening('flows:started')).toBe(before + 1);
  await flow.redeploy(nodes);
  expect(Flow.listening('flows:started')).toBe(before + 1);
  await flow.stop();
  expect(Flow.listening('flows:started')).toBe(before);
});

it('OpenTelemetry gets the same numbers from the SDK that is there, once', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  const sandbox = await startPractice();
  const nodes = flowAt(sandbox, {
    endpoint: { name: 'Metered' },
    monitor: { openTelemetry: true },
  });
  const flow = await Flow.start(nodes);
  await flow.pass('update', change('one'));
  await flow.redeploy(nodes);
  await flow.pass('update', change('two'));
  await reader.forceFlush();
  const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  const all = found.flatMap(scope => scope.metrics);
  const updates = all.filter(({ descriptor }) => descriptor.name === 'record_updates.updates');
  expect(updates).toHaveLength(1);
  expect(updates[0]?.dataPoints.map(({ attributes, value }) => ({ attributes, value }))).toEqual([
    { attributes: { endpoint: 'Metered', family: 'dataverse', outcome: 'updated' }, value: 2 },
  ]);
  const names = all.map(({ descriptor }) => descriptor.name);
  expect(names).toEqual(
    expect.arrayContaining(['record_updates.duration', 'record_updates.request.duration']),
  );
});

describe('the routes of the counters', () => {
  const get = async (path: string) => {
    const { status, body } = await helper.request().get(`/record-updates/monitor${path}`);
    return { status, body: body as Record<string, unknown> };
  };

  it('tell what was counted, and refuse what they do not know', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start(flowAt(sandbox, { endpoint: { name: 'Told' } }));
    await flow.pass('update', change('one'));
    const list = await get('');
    expect(list.body).toEqual([{ id: 'endpoint', name: 'Told', types: ['salesorders'] }]);
    const { body } = await get('/endpoint?zone=Europe/Berlin&days=30&type=salesorders');
    expect(body).toMatchObject({ total: { updates: 1 } });
    expect(body.heatMap).toHaveLength(7);
    expect((await get('/gone')).status).toBe(404);
    expect((await get('/endpoint?zone=Nowhere')).status).toBe(400);
    expect((await get('/endpoint?days=91')).body).toMatchObject({
      error: { code: 'REQUEST_INVALID' },
    });
  });
});
