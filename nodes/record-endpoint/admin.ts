import type { Request, Response } from 'express';
import { InputError } from '../../lib/errors';
import { afterDeploy } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import { permission } from '../shared/permission';
import type { AdminAnswers } from './admin-answers';
import type { Connections } from './connections';

/**
 * The two buttons of the endpoint's dialog, and what other dialogs ask of its API. Registered once, for users who may write. Only who may deploy reaches
 * addresses and environment variables of his choice with them: a deploy would give him those anyway.
 */
export function registerAdminRoutes(RED: NodeAPI, connections: Connections): void {
  const settled = afterDeploy(RED);
  const mayWrite = RED.auth.needsPermission('record-updates.write');
  const mayDeploy = permission(RED, 'flows.write');
  const route = (path: keyof AdminAnswers): void => {
    RED.httpAdmin.post(
      `/record-updates/endpoint/:id/${path}`,
      mayWrite,
      settled,
      (request, response) => {
        void answer(RED, request, response, async () => {
          // Only who has a dialog open ever needs them.
          const { adminAnswers } = await import('./admin-answers.js');
          return adminAnswers({ RED, connections, mayDeploy })[path](request);
        });
      },
    );
  };
  route('test');
  route('prove');
  route('describe');
}

async function answer(
  RED: NodeAPI,
  request: Request,
  response: Response,
  answerFor: (request: Request) => Promise<object>,
): Promise<void> {
  try {
    checkType(request);
    response.json(await answerFor(request));
  } catch (error) {
    const known = error instanceof InputError;
    const message = known ? error.message : 'The test could not be run. See the Node-RED log.';
    if (!known) RED.log.error(`record-endpoint: ${String(error)}`);
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
