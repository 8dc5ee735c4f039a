import type { Request } from 'express';
import { InputError } from '../../lib/errors';
import type { NodeAPI } from '../shared/node-api';
import type { RecordEndpointConfig } from './config';
import type { Connection } from './connection';
import type { Connections } from './connections';
import { checkAsked, describe, LARGEST_KB } from './describe';
import type { RecordEndpointNode } from './lookup';
import { probeRecord, proveProtection, type ProbeReport } from './probe';
import {
  checkBody,
  credentialsFor,
  withEnvironment,
  type ProbeBody,
  type TestedSettings,
} from './probe-request';
import { surroundings } from './surroundings';

/** What answers the routes of the dialogs. Each rejects with InputError in words for the dialog. */
export type AdminAnswers = Readonly<
  Record<'test' | 'prove' | 'describe', (request: Request) => Promise<object>>
>;

interface Runtime {
  readonly RED: NodeAPI;
  readonly connections: Connections;
  readonly mayDeploy: (request: Request) => Promise<boolean>;
}

export function adminAnswers(runtime: Runtime): AdminAnswers {
  return {
    test: request =>
      reportFor(runtime, request, (connection, body) =>
        probeRecord(connection, body.collection, body.key),
      ),
    prove: request =>
      reportFor(runtime, request, (connection, { collection, key, field = '', method = '' }) =>
        proveProtection(connection, { collection, key, field, method }),
      ),
    describe: request => descriptionFor(runtime, request),
  };
}

type Probe = (connection: Connection, body: ProbeBody) => Promise<ProbeReport>;

async function reportFor(runtime: Runtime, request: Request, probe: Probe): Promise<ProbeReport> {
  const deployed = deployedAt(runtime, request);
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

/**
 * Settings that are not deployed are the user's choice like those of a test; without any, it is as it is deployed. What
 * stands in the way is an answer, too.
 */
async function descriptionFor(runtime: Runtime, request: Request): Promise<object> {
  const deployed = deployedAt(runtime, request);
  const { asked, settings } = checkAsked(request.body);
  const given = settings !== undefined && (await runtime.mayDeploy(request)) ? settings : undefined;
  try {
    const chosen =
      given === undefined
        ? asItIs(deployed, { config: deployed?.config, credentials: {} })
        : asDeployed(runtime.RED, deployed, given);
    // A description is longer than any record.
    const config = { ...chosen.config, maxResponseKb: LARGEST_KB };
    return await withConnection(runtime, deployed, { ...chosen, config }, connection =>
      describe(connection, asked, config.query.trim()),
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { trouble: { code: error.code, message: error.message } };
  }
}

function deployedAt({ RED }: Runtime, request: Request): RecordEndpointNode | null {
  const node = RED.nodes.getNode(String(request.params.id)) as RecordEndpointNode | null;
  return node?.type === 'record-endpoint' ? node : null;
}

/** The record is the user's choice, and nothing else. Throws InputError `NOT_DEPLOYED`. */
function asItIs<Body extends object>(
  deployed: RecordEndpointNode | null,
  body: Body,
): Body & TestedSettings {
  if (deployed !== null) return { ...body, config: deployed.config, credentials: {} };
  throw new InputError(
    'NOT_DEPLOYED',
    'This endpoint is not deployed, and settings that are not may be tested only by who may deploy (permission flows.write). Have it deployed first, then test.',
  );
}

/** The deployed practice API is used as it runs; every other test gets a connection of its own. */
async function withConnection<Body extends TestedSettings, Found>(
  { RED, connections }: Runtime,
  deployed: RecordEndpointNode | null,
  body: Body,
  run: (connection: Connection, body: Body) => Promise<Found>,
): Promise<Found> {
  if (body.config.server === 'practice') return run(await practice(deployed, body.config), body);
  const connection = await connections.open(body.config, credentialsFor(deployed, body), {
    ...surroundings(RED, body.config),
    practiceOrigin: undefined,
  });
  try {
    return await run(connection, body);
  } finally {
    await connection.close();
  }
}

function asDeployed<Body extends TestedSettings>(
  RED: NodeAPI,
  node: RecordEndpointNode | null,
  body: Body,
): Body {
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
