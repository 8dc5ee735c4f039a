import { expect, inject, it, onTestFinished } from 'vitest';
import { loadExamples } from '../../../scripts/lib/examples.mjs';
import { startNodeRed } from '../../../scripts/lib/node-red.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { machineEvents, startSandbox } from '../../../sandbox/index';
import type { FaultRule, MachineEvent, Sandbox } from '../../../sandbox/index';
import { EVENTS_PATH, fedByHttp } from '../../shift-change/fed-by-http';
import type { Answer } from '../../shift-change/fed-by-http';
import { findShiftExample, workingAt } from '../../shift-change/play';
import { Source } from '../../shift-change/source';
import { fastClockEnv, speedUpClock } from '../../support/fast-clock.mjs';
import { makeUserDir } from '../../support/node-red';

/** How much faster the clock goes, of the sandbox in this process, too. */
const CLOCK = 3;
const SEED = 20_260_208;
const EVENTS = 200;
/** Node-RED is interrupted as soon as so many events had their effect. */
const INTERRUPTED_AT = [50, 100];
/** Effects without an answer before it is interrupted. */
const UNANSWERED = 3;
const FAULTS: readonly FaultRule[] = [
  { fault: 'latency', ms: 5 * CLOCK, jitterMs: 20 * CLOCK },
  { fault: 'lost-response', on: 'write', rate: 0.02 },
];
const REPROCESSED = ['unchanged', 'already-applied', 'invalid-state', 'duplicate'];

/** Node-RED in one user directory, as often as it has to be started. */
class Restarted {
  /** Resolves when it runs again. */
  running: Promise<NodeRed>;
  private patience = new AbortController();
  private readonly dir = makeUserDir();
  private readonly env = fastClockEnv(CLOCK);

  constructor(private readonly flows: readonly object[]) {
    this.running = this.start();
  }

  /** Aborted by the next interruption: a message that was under way then is never answered. */
  get untilInterrupted(): AbortSignal {
    return this.patience.signal;
  }

  /** `kill -9`, and a start with what is left in the user directory. */
  async killAndStart(interrupted: () => void): Promise<void> {
    const nodeRed = await this.running;
    this.running = nodeRed.kill().then(() => {
      interrupted();
      this.losePatience();
      return this.start();
    });
    await this.running;
  }

  /** A full deploy: every node is closed and made anew. */
  async deploy(interrupted: () => void): Promise<void> {
    const nodeRed = await this.running;
    const headers = { 'content-type': 'application/json', 'Node-RED-Deployment-Type': 'full' };
    const body = JSON.stringify(this.flows);
    this.running = nodeRed.request('/flows', { method: 'POST', headers, body }).then(({ ok }) => {
      if (!ok) throw new Error('The flows were not deployed');
      interrupted();
      this.losePatience();
      return nodeRed;
    });
    await this.running;
  }

  private losePatience(): void {
    this.patience.abort();
    this.patience = new AbortController();
  }

  async close(): Promise<void> {
    await (await this.running).close();
    this.dir.remove();
  }

  private start(): Promise<NodeRed> {
    return startNodeRed({ userDir: this.dir.userDir, flows: this.flows, env: this.env });
  }
}

type Interrupt = 'killAndStart' | 'deploy';

it.each<[string, Interrupt]>([
  ['kill -9', 'killAndStart'],
  ['a deploy', 'deploy'],
])(
  '%s in the middle of a shift: no event has a second effect, none is lost that the source repeats',
  async (_name, interrupt) => {
    onTestFinished(speedUpClock(CLOCK).end);
    const sandbox = await startShopFloor();
    const example = findShiftExample(loadExamples(inject('packageDir')));
    const nodeRed = new Restarted(fedByHttp(workingAt(example, sandbox.url)));
    onTestFinished(() => nodeRed.close());
    const source = new Source(
      async event => post(await nodeRed.running, event, nodeRed.untilInterrupted),
      () => nodeRed.running,
    );
    const events = eventsFor(sandbox);
    const sent = source.sendAll(events);

    const unacknowledged: string[] = [];
    for (const effects of INTERRUPTED_AT) {
      await until(() => sandbox.stats().changes.api >= effects);
      // From here on every effect stays without an answer: the interruption comes before some are confirmed.
      sandbox.faults.add({ fault: 'lost-response', on: 'write' });
      const unanswered = sandbox.stats().changes.api + UNANSWERED;
      await until(() => sandbox.stats().changes.api >= unanswered);
      // Nor does a read tell of it, however long it takes to interrupt Node-RED.
      sandbox.faults.add({ fault: 'latency', ms: 600_000, on: 'read' });
      await nodeRed[interrupt](() => {
        sandbox.faults.clear();
        for (const fault of FAULTS) sandbox.faults.add(fault);
        const known = source.acknowledged;
        unacknowledged.push(...[...effectsIn(sandbox).keys()].filter(id => !known.has(id)));
      });
    }
    await sent;

    const effects = effectsIn(sandbox);
    expect([...effects.values()].filter(times => times > 1)).toEqual([]);
    expect(source.deliveries).toHaveLength(EVENTS);

    const undisturbed = events.filter(({ workOrder }) => !metOperator(sandbox, workOrder));
    expect(undisturbed.length).toBeGreaterThan(EVENTS / 2);
    expect(undisturbed.filter(({ id }) => !effects.has(id))).toEqual([]);

    const reprocessed = source.deliveries.filter(
      ({ event, times }) => times > 1 && unacknowledged.includes(event.id),
    );
    expect(reprocessed.map(({ end }) => end).filter(end => !REPROCESSED.includes(end))).toEqual([]);
    // Otherwise no interruption came between an effect and its confirmation.
    expect(reprocessed.filter(({ end }) => end !== 'duplicate').length).toBeGreaterThan(0);
  },
);

async function startShopFloor(): Promise<Sandbox> {
  const sandbox = await startSandbox({
    seed: SEED,
    load: 'shift-change',
    workOrders: 40,
    faults: FAULTS,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

function eventsFor({ workOrders }: Sandbox): readonly MachineEvent[] {
  const orders = workOrders.ids().map(id => ({
    id,
    status: String(workOrders.get(id)?.values.status),
  }));
  return machineEvents({ seed: SEED, count: EVENTS, orders, startAt: Date.now() });
}

async function post(
  nodeRed: NodeRed,
  event: MachineEvent,
  signal: AbortSignal,
): Promise<{ ok: boolean; answer: Answer }> {
  const response = await nodeRed.request(EVENTS_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
    signal,
  });
  return { ok: response.ok, answer: (await response.json()) as Answer };
}

/** How often each event is in the histories. */
function effectsIn({ workOrders }: Sandbox): Map<string, number> {
  const effects = new Map<string, number>();
  for (const { by, fields } of workOrders.ids().flatMap(id => workOrders.history(id))) {
    if (by !== 'api' || fields.lastEventId === undefined) continue;
    const id = String(fields.lastEventId.after);
    effects.set(id, (effects.get(id) ?? 0) + 1);
  }
  return effects;
}

/** Whether an operator did more than look at it. */
function metOperator({ workOrders }: Sandbox, id: string): boolean {
  const isLook = (name: string): boolean => ['openedBy', 'openedAt'].includes(name);
  return workOrders
    .history(id)
    .some(({ by, fields }) => by === 'operator' && !Object.keys(fields).every(isLook));
}

/** The sandbox runs in this process: there is nothing to be awaited but its state. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 1));
}
