import type { MonitorReport, ReportQuery } from '../../lib/monitor/report';
import { endpointName } from '../record-endpoint/lookup';
import type { NodeAPI } from '../shared/node-api';
import { settingsOf } from '../shared/settings';
import { MONITOR_FIELDS, type ConflictMonitorConfig } from './config';
import { lineOf, watchedEndpoints } from './watched';

/** What leaves by the second output. Plain data. */
interface Summary {
  /** ISO 8601. */
  readonly at: string;
  readonly days: number;
  readonly endpoints: readonly EndpointSummary[];
  /** A line for each endpoint, for people. */
  readonly text: string;
}

interface EndpointSummary extends MonitorReport {
  readonly id: string;
  readonly name: string;
}

/** Rejects with InputError where a field does not fit. */
export async function summaryOf(RED: NodeAPI, config: ConflictMonitorConfig): Promise<Summary> {
  const query = queryOf(config);
  const nodes = watchedEndpoints(RED, config);
  const endpoints = await Promise.all(
    nodes.map(async (node): Promise<EndpointSummary> => {
      const report = await node.monitor.report(query);
      return { id: node.id, name: endpointName(node), ...report };
    }),
  );
  return {
    at: new Date().toISOString(),
    days: query.days,
    endpoints,
    text: endpoints.map(({ name, total }) => `${name}: ${lineOf(total)}`).join('\n'),
  };
}

function queryOf(config: ConflictMonitorConfig): ReportQuery {
  const read = settingsOf(MONITOR_FIELDS, config);
  const zone = read.text('zone');
  return {
    type: config.types === 'one' ? read.text('recordType') : undefined,
    timeZone: zone === '' ? new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone : zone,
    days: read.number('days'),
  };
}
