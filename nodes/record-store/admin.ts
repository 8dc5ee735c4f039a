import type { Node } from 'node-red';
import type { Request, Response } from 'express';
import { StoreUnavailable } from '../../lib/coordination/redis/faults';
import type { Finding } from '../../lib/coordination/redis/findings';
import { InputError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { systemTime } from '../../lib/retry/time';
import { afterDeploy } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import { complete } from '../shared/saved';
import { STORE_FIELDS, type RecordStoreConfig, type RecordStoreCredentials } from './config';
import { findStore, type RecordStoreNode } from './lookup';
import { redisSettings } from './redis-settings';

/** What the dialog posts: its fields as they are now, and only those secrets that were typed anew. */
interface TestBody {
  readonly config: RecordStoreConfig;
  readonly credentials: RecordStoreCredentials;
}

/**
 * The Test button of the store's dialog, for users who may deploy: they choose the address, and a deploy would give them no
 * less. And what its dialog tells of queues that nobody opens, for users who may read.
 */
export function registerAdminRoutes(RED: NodeAPI): void {
  const settled = afterDeploy(RED);
  const mayDeploy = RED.auth.needsPermission('flows.write');
  RED.httpAdmin.post('/record-updates/store/:id/test', mayDeploy, settled, (request, response) => {
    void answer(RED, request, response);
  });
  const mayRead = RED.auth.needsPermission('record-updates.read');
  RED.httpAdmin.get('/record-updates/store/:id/queues', mayRead, settled, (request, response) => {
    void answerQueues(RED, request, response);
  });
}

/** Queues of a deployed store that no node opens: names, numbers and times, nothing of what waits in them. */
async function answerQueues(RED: NodeAPI, request: Request, response: Response): Promise<void> {
  const store = findStore(RED, String(request.params.id));
  // Of one that is not deployed yet nobody knows any.
  if (store === undefined) {
    response.json({ queues: [] });
    return;
  }
  try {
    response.json({ queues: await store.strandedQueues() });
  } catch (error) {
    const message = 'The queues of the store could not be read. See the Node-RED log.';
    tell(RED, response, error, message);
  }
}

function tell(RED: NodeAPI, response: Response, error: unknown, otherwise: string): void {
  const isKnown = error instanceof InputError || error instanceof StoreUnavailable;
  if (!isKnown) RED.log.error(`record-store: ${String(error)}`);
  const message = isKnown ? error.message : otherwise;
  response
    .status(isKnown ? 400 : 500)
    .json({ error: { code: isKnown ? error.code : 'FAILED', message } });
}

async function answer(RED: NodeAPI, request: Request, response: Response): Promise<void> {
  try {
    const findings = await test(RED, request);
    response.json({ ok: true, findings: findings.map(({ kind, values }) => ({ kind, values })) });
  } catch (error) {
    tell(RED, response, error, 'The test could not be run. See the Node-RED log.');
  }
}

/** Connects, runs a script and looks at the server's settings. */
async function test(RED: NodeAPI, request: Request): Promise<readonly Finding[]> {
  const body = checkBody(request);
  const deployed = findStore(RED, String(request.params.id));
  const settings = redisSettings(RED, inUse(RED, deployed, body.config), {
    ...credentialsFor(deployed, body),
  });
  const { RedisConnection } = await import('./redis-parts.js');
  const connection = await RedisConnection.open(settings, { time: systemTime });
  try {
    return await connection.probe();
  } finally {
    connection.close();
  }
}

/** Throws InputError `REQUEST_INVALID`. A form that a web page may post unasked is no command. */
function checkBody(request: Request): TestBody {
  const body: unknown = request.body;
  if (request.is('application/json') && isFields(body) && isFields(body.config)) {
    const { config, credentials = {} } = body;
    const isText = (value: unknown): boolean => typeof value === 'string';
    if (isFields(credentials) && Object.values(credentials).every(isText)) {
      return { config: complete(STORE_FIELDS, config), credentials };
    }
  }
  throw new InputError('REQUEST_INVALID', 'The settings of the store are not complete.');
}

const VARIABLE = /^\$\{[^}]+\}$/;

/** As Node-RED hands settings to a node: `${NAME}` stands for the environment variable, where there is one. */
function inUse(
  RED: NodeAPI,
  node: RecordStoreNode | undefined,
  config: RecordStoreConfig,
): RecordStoreConfig {
  const entries = Object.entries(config).map(([name, value]) => {
    if (typeof value !== 'string' || !VARIABLE.test(value)) return [name, value];
    const known: unknown = RED.util.evaluateNodeProperty(value, 'env', node as unknown as Node, {});
    return [name, typeof known === 'string' && known !== '' ? known : value];
  });
  return Object.fromEntries(entries) as RecordStoreConfig;
}

/** Settings that decide where secrets travel. */
const DESTINATION = ['mode', 'server', 'master', 'tls'] as const;
const SECRETS = ['password', 'sentinelPassword'] as const;

/**
 * Stored passwords go only where the deployed store sends them: otherwise anybody who may edit could have them sent to
 * a server of their own. Throws InputError `SECRET_NEEDED`.
 */
function credentialsFor(
  deployed: RecordStoreNode | undefined,
  { config, credentials }: TestBody,
): RecordStoreCredentials {
  const stored = deployed?.credentials ?? {};
  const isStored = (name: (typeof SECRETS)[number]): boolean =>
    credentials[name] === undefined && stored[name] !== undefined;
  const needsSecret = SECRETS.some(isStored) || config.tls !== '';
  if (!needsSecret || isSameServer(deployed, config)) return { ...stored, ...credentials };
  throw new InputError(
    'SECRET_NEEDED',
    'The server differs from what is deployed, so stored secrets are not used. Type the passwords again to test these settings without TLS configuration, or deploy first.',
  );
}

function isSameServer(deployed: RecordStoreNode | undefined, config: RecordStoreConfig): boolean {
  return DESTINATION.every(name => deployed?.config[name] === config[name]);
}
