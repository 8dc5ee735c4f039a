import type { Request, Response } from 'express';
import { InputError } from '../../lib/errors';
import { KEPT_DAYS } from '../../lib/monitor/hourly-counts';
import type { ReportQuery } from '../../lib/monitor/report';
import { afterDeploy } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import { deployedEndpoints, endpointName, findEndpoint } from './lookup';

/** What was counted, for users who may read. Names of writers are values of records, so they go nowhere else. */
export function registerMonitorRoutes(RED: NodeAPI): void {
  const settled = afterDeploy(RED);
  const mayRead = RED.auth.needsPermission('record-updates.read');
  RED.httpAdmin.get('/record-updates/monitor', mayRead, settled, (_, response) => {
    response.json(
      deployedEndpoints(RED).map(node => ({
        id: node.id,
        name: endpointName(node),
        types: node.monitor.types(),
      })),
    );
  });
  RED.httpAdmin.get('/record-updates/monitor/:id', mayRead, settled, (request, response) => {
    answer(RED, request, response).catch((error: unknown) => {
      const isTold = error instanceof InputError;
      if (!isTold) RED.log.error(`record-endpoint: ${String(error)}`);
      const message = isTold ? error.message : 'The counters could not be read.';
      const code = isTold ? error.code : 'FAILED';
      response.status(isTold ? 400 : 500).json({ error: { code, message } });
    });
  });
}

async function answer(RED: NodeAPI, request: Request, response: Response): Promise<void> {
  const node = findEndpoint(RED, String(request.params.id));
  if (node === undefined) {
    const message = 'The endpoint is not deployed.';
    response.status(404).json({ error: { code: 'ENDPOINT_MISSING', message } });
    return;
  }
  response.json(await node.monitor.report(queryOf(request)));
}

/** Throws InputError `REQUEST_INVALID`. */
function queryOf({ query }: Request): ReportQuery {
  const text = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value : '';
  };
  const type = text('type');
  return {
    type: type === '' ? undefined : type,
    timeZone: zoneOf(text('zone')),
    days: daysOf(text('days')),
  };
}

function zoneOf(text: string): string {
  try {
    const format = new Intl.DateTimeFormat('en-US', text === '' ? {} : { timeZone: text });
    return format.resolvedOptions().timeZone;
  } catch {
    throw new InputError('REQUEST_INVALID', 'zone must be an IANA name such as Europe/Berlin.');
  }
}

function daysOf(text: string): number {
  const days = text === '' ? KEPT_DAYS : Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= KEPT_DAYS) return days;
  throw new InputError('REQUEST_INVALID', `days must be a whole number from 1 to ${KEPT_DAYS}.`);
}
