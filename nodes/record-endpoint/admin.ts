import type { NodeAPI } from 'node-red';
import type { Request, Response } from 'express';
import { InputError } from '../../lib/errors';
import type { Admissions } from '../../lib/transport/throttle/admission';
import { permission } from '../shared/permission';
import type { RecordEndpointConfig } from './config';
import { createConnection, type Connection } from './connection';
import type { RecordEndpointNode } from './lookup';
import { probeRecord, proveProtection, type ProbeReport } from './probe';
import { checkBody, credentialsFor, withEnvironment, type ProbeBody } from './probe-request';
import { surroundings } from './surroundings';

/**
 * The two buttons of the endpoint's dialog. Registered once, for users who may write. Only who may deploy reaches
 * addresses and environment variables of his choice with them: a deploy would give him those anyway.
 */
export function registerAdminRoutes(RED: NodeAPI, admissions: Admissions): void {
  const mayWrite = RED.auth.needsPermission('record-updates.write');
  const mayDeploy = permission(RED, 'flows.write');
  const route = (path: string, probe: Probe): void => {
    RED.httpAdmin.post(`/record-updates/endpoint/:id/${path}`, mayWrite, (request, response) => {
      void answer({ RED, admissions, mayDeploy }, request, response, probe);
    });
  };
  route('test', (connection, body) => probeRecord(connection, body.collection, body.key));
  route('prove', (connection, { collection, key, field = '', method = '' }) =>
    proveProtection(connection, { collection, key, field, method }),
  );
}

type Probe = (connection: Connection, body: ProbeBody) => Promise<ProbeReport>;

/** What the routes share with the nodes. */
interface Runtime {
  readonly RED: NodeAPI;
  readonly admissions: Admissions;
  readonly mayDeploy: (request: Request) => Promise<boolean>;
}

async function answer(
  runtime: Runtime,
  request: Request,
  response: Response,
  probe: Probe,
): Promise<void> {
  try {
    checkType(request);
    response.json(await reportFor(runtime, request, probe));
  } catch (error) {
    const known = error instanceof InputError;
    const message = known ? error.message : 'The test could not be run. See the Node-RED log.';
    if (!known) runtime.RED.log.error(`record-endpoint: ${String(error)}`);
    response
      .status(known ? 400 : 500)
      .json({ error: { code: known ? error.code : 'FAILED', message } });
  }
}

/** A form that a web page may post unasked is no command. */
function checkType(request: Request): void {
  if (request.is('application/json')) return;
  throw new InputError('REQUEST_INVALID', 'The request must be JSON.');
}

async function reportFor(runtime: Runtime, request: Request, probe: Probe): Promise<ProbeReport> {
  const node = runtime.RED.nodes.getNode(String(request.params.id)) as RecordEndpointNode | null;
  const deployed = node?.type === 'record-endpoint' ? node : null;
  const body = checkBody(request.body);
  if (await runtime.mayDeploy(request)) {
    return withConnection(runtime, deployed, asDeployed(runtime.RED, deployed, body), probe);
  }
  const { lines, ...report } = await withConnection(
    runtime,
    deployed,
    asItIs(deployed, body),
    probe,
  );
  return { ...report, lines: [...lines, { text: 'record-endpoint.answer.as-deployed' }] };
}

/** The record is the user's choice, and nothing else. Throws InputError `NOT_DEPLOYED`. */
function asItIs(deployed: RecordEndpointNode | null, body: ProbeBody): ProbeBody {
  if (deployed !== null) return { ...body, config: deployed.config, credentials: {} };
  throw new InputError(
    'NOT_DEPLOYED',
    'This endpoint is not deployed, and settings that are not may be tested only by who may deploy (permission flows.write). Have it deployed first, then test.',
  );
}

/** The deployed practice API is used as it runs; every other test gets a connection of its own. */
async function withConnection(
  { RED, admissions }: Runtime,
  deployed: RecordEndpointNode | null,
  body: ProbeBody,
  probe: Probe,
): Promise<ProbeReport> {
  if (body.config.server === 'practice') return probe(await practice(deployed, body.config), body);
  const connection = createConnection(body.config, credentialsFor(deployed, body), {
    ...surroundings(RED, body.config),
    practiceOrigin: undefined,
    admissions,
  });
  try {
    return await probe(connection, body);
  } finally {
    await connection.close();
  }
}

function asDeployed(RED: NodeAPI, node: RecordEndpointNode | null, body: ProbeBody): ProbeBody {
  const config = withEnvironment(RED, node, body.config);
  const credentials = withEnvironment(RED, node, body.credentials);
  return { ...body, config, credentials };
}

function practice(
  deployed: RecordEndpointNode | null,
  config: RecordEndpointConfig,
): Promise<Connection> {
  if (deployed?.config.server === 'practice' && deployed.config.family === config.family) {
    return deployed.connect();
  }
  throw new InputError(
    'NOT_DEPLOYED',
    'The Practice API runs once this endpoint is deployed and used by a node. Deploy first, then test.',
  );
}
