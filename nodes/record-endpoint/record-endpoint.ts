import type { Node, NodeDef } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import type { RecordLocks } from '../../lib/coordination/lock';
import type { Monitor } from '../../lib/monitor/monitor';
import { LONGEST_HOLD_MS } from '../../lib/transport/throttle/gate';
import type { Sandbox } from '../../sandbox/sandbox';
import { deploysOf } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import { GRACE_MS } from '../shared/on-input';
import { complete, faultIn } from '../shared/saved';
import { registerAdminRoutes } from './admin';
import {
  ENDPOINT_CREDENTIALS,
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import type { Connection } from './connection';
import { Connections } from './connections';
import type { EndpointFace } from './lookup';
import { endpointLocks } from './locks';
import { registerMonitorRoutes } from './monitor-routes';
import { Monitors } from './monitors';
import { Reports } from './reports';
import { surroundings } from './surroundings';

/** Longer than the nodes give a write that was already sent when the flow is stopped. */
const CLOSE_GRACE_MS = GRACE_MS + 1_000;

/** What outlives one deploy of an endpoint, and what is wrong with its settings. */
interface EndpointParts {
  readonly connections: Connections;
  readonly monitor: Monitor;
  readonly fault: InputError | undefined;
}

/** What one endpoint owns: its connection, its record locks and, for practice, its own API. */
class Endpoint {
  readonly locks: RecordLocks;
  readonly reports: Reports;
  private connection: Promise<Connection> | undefined;
  private practice: Sandbox | undefined;
  private isClosed = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node<RecordEndpointCredentials>,
    private readonly config: RecordEndpointConfig,
    private readonly parts: EndpointParts,
  ) {
    this.reports = new Reports(parts.monitor);
    this.locks = this.reports.overLocks(endpointLocks(RED, config.store));
  }

  readonly connect = (): Promise<Connection> =>
    this.isClosed ? Promise.reject(closed()) : (this.connection ??= this.connectOnce());

  async close(): Promise<void> {
    this.isClosed = true;
    this.locks.close();
    const connection = await this.connection?.catch(() => undefined);
    await connection?.close(CLOSE_GRACE_MS);
    await this.practice?.close();
  }

  /** Settings that cannot work stay so until the next deploy; anything else may have passed by the next message. */
  private connectOnce(): Promise<Connection> {
    return this.newConnection().catch((error: unknown) => {
      if (!(error instanceof InputError)) this.connection = undefined;
      throw error;
    });
  }

  private async newConnection(): Promise<Connection> {
    const { config, parts } = this;
    if (parts.fault !== undefined) throw parts.fault;
    if (config.server === 'practice') {
      this.practice ??= await startPractice(config);
      this.node.log(this.RED._('record-endpoint.log.practice', { url: this.practice.url }));
    }
    const connection = await parts.connections.open(config, this.node.credentials, {
      ...surroundings(this.RED, config),
      practiceOrigin: this.practice?.url,
      onLongHold: this.onLongHold,
      recent: () => parts.monitor.lately(),
    });
    return { ...connection, transport: this.reports.overTransport(connection.transport) };
  }

  private readonly onLongHold = (askedMs: number): void => {
    const hours = Math.ceil(askedMs / LONGEST_HOLD_MS);
    this.node.warn(this.RED._('record-endpoint.warn.long-hold', { hours }));
  };
}

/** The Practice API is loaded where it is used: for a system of the user's it is of no use. */
async function startPractice({ practiceLoad }: RecordEndpointConfig): Promise<Sandbox> {
  const { startPracticeApi } = await import('./practice.js');
  return startPracticeApi(practiceLoad);
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the endpoint could be used.');
}

export default function (RED: NodeAPI): void {
  const connections = new Connections();
  const deploys = deploysOf(RED);

  // What was counted outlives the deploy of an endpoint.
  const monitors = new Monitors(RED);

  function RecordEndpoint(this: Node, saved: NodeDef & RecordEndpointConfig): void {
    RED.nodes.createNode(this, saved);
    // An endpoint saved by an earlier version lacks what has come since.
    const config = complete(ENDPOINT_FIELDS, saved);
    const fault = faultIn(ENDPOINT_FIELDS, saved);
    const monitor = monitors.of(this.id, config.store);
    const endpoint = new Endpoint(RED, this, config, { connections, monitor, fault });
    connections.prepare();
    const { locks, connect } = endpoint;
    const { ended, listen } = endpoint.reports;
    Object.assign<Node, EndpointFace>(this, { config, locks, connect, monitor, ended, listen });
    if (config.server === 'practice') this.log(RED._('record-endpoint.log.practice-only'));
    this.on('close', (done: () => void) => {
      const closed = endpoint.close();
      // The flow around is running: it must not wait for a write that is under way.
      if (deploys.isPartial) {
        deploys.inBackground(closed);
        done();
      } else void closed.then(done, done);
    });
  }

  RED.nodes.registerType('record-endpoint', RecordEndpoint, {
    credentials: ENDPOINT_CREDENTIALS,
  });
  registerAdminRoutes(RED, connections);
  registerMonitorRoutes(RED);
}
