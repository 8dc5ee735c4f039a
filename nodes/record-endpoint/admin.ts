import type { NodeAPI } from 'node-red';
import type { Request, Response } from 'express';
import { InputError } from '../../lib/errors';
import type { Admissions } from '../../lib/transport/throttle/admission';
import type { RecordEndpointConfig } from './config';
import { createConnection, type Connection } from './connection';
import type { RecordEndpointNode } from './lookup';
import { probeRecord, proveProtection, type ProbeReport } from './probe';
import { checkBody, credentialsFor, withEnvironment, type ProbeBody } from './probe-request';
import { surroundings } from './surroundings';

/** The two buttons of the endpoint's dialog. Registered once, for users who may write. */
export function registerAdminRoutes(RED: NodeAPI, admissions: Admissions): void {
  const mayWrite = RED.auth.needsPermission('record-updates.write');
  const route = (path: string, probe: Probe): void => {
    RED.httpAdmin.post(`/record-updates/endpoint/:id/${path}`, mayWrite, (request, response) => {
      void answer({ RED, admissions }, request, response, probe);
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
}

async function answer(
  runtime: Runtime,
  request: Request,
  response: Response,
  probe: Probe,
): Promise<void> {
  try {
    checkType(request);
    const report = await withConnection(runtime, String(request.params.id), request.body, probe);
    response.json(report);
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

/** The deployed practice API is used as it runs; every other test gets a connection of its own. */
async function withConnection(
  { RED, admissions }: Runtime,
  id: string,
  posted: unknown,
  probe: Probe,
): Promise<ProbeReport> {
  const node = RED.nodes.getNode(id) as RecordEndpointNode | null;
  const deployed = node?.type === 'record-endpoint' ? node : null;
  const body = asDeployed(RED, deployed, checkBody(posted));
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
