import type { Reply } from '../http/reply';
import { jsonPlan } from './json-batch';
import { multipartPlan } from './multipart-batch';
import type { BatchEndpoint, Plan } from './plan';
import { readingOf, rootOf } from './reading';
import type { ODataService, Reading } from './reading';
import type { BulkSettings } from './settings';

/** The `$batch` of a service: JSON (OData JSON Format 4.01 section 19) and multipart (OData Protocol 11.7). */
export function odataBatch(
  service: ODataService,
  settings: Readonly<BulkSettings>,
  seed: number,
): BatchEndpoint {
  return {
    apis: service.apis,
    serves: path => path.endsWith('/$batch') && service.root.exec(path)?.[0] === rootOf(path),
    plan: request => {
      const reading = readingOf(request, service, settings, seed);
      const plan = refusedEnvelope(reading) ?? planOf(reading);
      return 'status' in plan ? plan : (tooMany(plan, reading) ?? plan);
    },
    overtime: service.overtime,
  };
}

/** What must not stand on the envelope (OData Protocol 11.7), and what must. */
function refusedEnvelope({ service, request, refuse }: Reading): Reply | undefined {
  const { method, headers } = request;
  if (method !== 'POST') return service.apis[0].error(405);
  const refused = service.admit?.(request);
  if (refused !== undefined) return refused;
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch = 'null', prefer } = headers;
  if (ifMatch !== undefined) return refuse('If-Match is not allowed on a batch request.');
  // The literal stands in samples of Microsoft's on every request, to get past caches.
  if (ifNoneMatch !== 'null') return refuse('If-None-Match is not allowed on a batch request.');
  return /\breturn=/.test(String(prefer ?? ''))
    ? refuse('The preference return is not allowed on a batch request.')
    : undefined;
}

function planOf(reading: Reading): Plan | Reply {
  const { service, request } = reading;
  const type = request.headers['content-type'] ?? '';
  if (/^multipart\/mixed\b/i.test(type)) return multipartPlan(reading);
  if (/^application\/json\b/i.test(type) && service.version === 'V4') return jsonPlan(reading);
  return service.apis[0].error(415);
}

function tooMany({ units }: Plan, { service, settings }: Reading): Reply | undefined {
  const count = units.reduce((sum, { parts }) => sum + parts.length, 0);
  const { maxParts } = settings;
  if (count <= maxParts) return undefined;
  if (settings.tooMany === 'throttled') {
    return service.refuse(429, 'BATCH_TOO_MANY_REQ', 'Batch request contains too many requests.');
  }
  const message = `The batch message contains too many parts. The maximum number allowed is '${String(maxParts)}'.`;
  return service.refuse(400, '', message);
}
