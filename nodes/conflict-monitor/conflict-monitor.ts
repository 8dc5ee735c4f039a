import type { Node, NodeDef } from 'node-red';
import { InputError } from '../../lib/errors';
import { RECENT_MINUTES } from '../../lib/retry/conflict-rate';
import { endpointOf, showEndpoint } from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';
import { onInput, type Begin } from '../shared/on-input';
import { complete, faultIn } from '../shared/saved';
import type { Message } from '../shared/scope';
import { settingsOf } from '../shared/settings';
import { StatusLine } from '../shared/status';
import { Alerting } from './alerting';
import {
  MONITOR_CREDENTIALS,
  MONITOR_FIELDS,
  type ConflictMonitorConfig,
  type ConflictMonitorCredentials,
} from './config';
import { Metrics } from './metrics';
import { rulesOf } from './rules';
import { summaryOf } from './summary';
import { percent, watchedIn } from './watched';

/** Between two looks at the rates. Milliseconds. */
const LOOK_EVERY_MS = 10_000;

const MINUTE_MS = 60_000;

/** One node: what it watches, and what it says of that by itself. */
class Watch {
  private readonly alerting: Alerting;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: ConflictMonitorConfig,
    private readonly line: { readonly status: StatusLine; readonly begin: Begin },
  ) {
    this.alerting = new Alerting(rulesOf(config));
  }

  start(): void {
    this.every(LOOK_EVERY_MS, () => {
      this.look();
    });
    const minutes = settingsOf(MONITOR_FIELDS, this.config).optional('summaryEvery');
    if (minutes === undefined) return;
    this.every(minutes * MINUTE_MS, () => {
      void this.tellSummary();
    });
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(ms: number, work: () => void): void {
    this.timers.push(setInterval(work, ms).unref());
  }

  private look(): void {
    const watched = watchedIn(this.RED, this.config);
    for (const payload of this.alerting.look(watched, Date.now())) {
      this.send(msg => [msg, null], { topic: payload.alert, payload }, payload.alert);
    }
    const { status } = this.line;
    const all = watched.map(({ monitor, type }) => monitor.recent(RECENT_MINUTES, type));
    const updates = all.reduce((sum, rates) => sum + rates.updates, 0);
    const conflicts = all.reduce((sum, rates) => sum + rates.conflicts, 0);
    const { raised } = this.alerting;
    const rate = percent(updates === 0 ? undefined : conflicts / updates);
    const alerts = raised === 0 ? [] : [['alerts', { alerts: raised }] as const];
    const parts = [...alerts, ['rate', { rate }] as const, ['updates', { updates }] as const];
    const text = (): string =>
      parts.map(([name, numbers]) => status.translated(name, numbers)).join(' · ');
    status.ended(text, raised === 0);
  }

  private async tellSummary(): Promise<void> {
    try {
      const payload = await summaryOf(this.RED, this.config);
      this.send(msg => [null, msg], { topic: 'summary', payload });
    } catch (error) {
      this.node.error(inWords(error));
    }
  }

  /** What cannot be passed on must not end Node-RED. */
  private send(
    outputs: (msg: Message) => (Message | null)[],
    members: { readonly topic: string; readonly payload: unknown },
    outcome?: string,
  ): void {
    const msg: Message = { _msgid: this.RED.util.generateId(), ...members };
    try {
      this.line.begin(msg).send(outputs(msg), outcome);
    } catch (error) {
      this.node.warn(inWords(error));
    }
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export default function (RED: NodeAPI): void {
  // One for all nodes and all deploys: nothing is registered twice.
  const metrics = new Metrics(RED);

  function ConflictMonitor(this: Node, saved: NodeDef & ConflictMonitorConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(MONITOR_FIELDS, saved);
    const status = new StatusLine(RED, this);
    if (config.endpoint !== '') showEndpoint(RED, status, config.endpoint);
    const fault = faultIn(MONITOR_FIELDS, saved) ?? faultBeside(config);
    const begin = onInput(RED, this, { status, fault }, async scope => {
      if (config.endpoint !== '') endpointOf(scope, config.endpoint);
      scope.set('payload', await summaryOf(RED, config));
      scope.send([null, scope.msg]);
    });
    if (fault !== undefined) {
      this.error(fault.message);
      return;
    }
    const watch = new Watch(RED, this, config, { status, begin });
    watch.start();
    const { prometheus, openTelemetry } = config;
    const { scrapeToken = '' } = this.credentials as ConflictMonitorCredentials;
    const leave = metrics.use(this, { prometheus, openTelemetry, scrapeToken });
    this.on('close', () => {
      watch.stop();
      leave();
    });
  }

  RED.nodes.registerType('conflict-monitor', ConflictMonitor, {
    credentials: MONITOR_CREDENTIALS,
  });
}

/** What no message may be needed to find out: alerts would never come. */
function faultBeside(config: ConflictMonitorConfig): InputError | undefined {
  try {
    rulesOf(config);
    const read = settingsOf(MONITOR_FIELDS, config);
    read.optional('summaryEvery');
    read.number('days');
    read.text('zone');
    read.text('recordType');
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
