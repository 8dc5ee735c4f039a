import { InputError } from '../errors';
import { apiErrorOf } from '../outcome/api-error';
import { isFields, type Fields } from '../record/fields';
import { parseLossless, stringifyLossless } from '../record/json';
import { encodePathKey } from '../record/key';
import { mergePatch } from '../record/merge';
import { recordUrl } from '../record/url';
import type { WireRequest } from '../transport/transport';
import { pathWithin, valueAt } from './body-path';
import type { ApiFamily, RestSettings, WritePlan } from './family';
import { hasSucceeded, sentWith } from './precondition';
import { restRows } from './rest-rows';
import { versionEvidence, type VersionEvidence } from './rest-version';

/**
 * Any JSON API that addresses a record as `collection/key` and shows a version.
 * Answers may wrap the record (`recordPath`); what is sent is the bare record or its changes.
 * Throws InputError `VERSION_FIELD_MISSING` or `CONFLICT_STATUSES_INVALID`.
 */
export function createRest(settings: RestSettings): ApiFamily {
  const evidence = versionEvidence(settings);
  return {
    id: 'rest',
    label: 'This REST API',
    methods: ['PATCH', 'PUT'],
    canForce: evidence.canForce,
    practicePath: '/api',
    rows: restRows(settings.conflictStatuses),
    sendsOnlyDifferences: false,
    missingMeansNull: settings.missingMeansNull,
    locate: (baseUrl, collection, key) => ({
      collection,
      key,
      url: recordUrl(baseUrl, collection, encodePathKey(key)),
    }),
    keyField: () => undefined,
    readRequest: ref => ({
      method: 'GET',
      url: ref.url,
      headers: { Accept: 'application/json', 'Cache-Control': 'no-cache' },
    }),
    writeRequest: plan => writeRequest(plan, settings, evidence),
    sent: sentWith,
    versionOf: answer => evidence.versionOf(answer),
    valuesOf: answer => {
      const record = hasSucceeded(answer) ? valueAt(answer.json, settings.recordPath) : undefined;
      return isFields(record) ? record : undefined;
    },
    errorOf: apiErrorOf,
    readName: field => field,
    fieldType: () => undefined,
    cleanChanges: changes => withoutVersion(changes, settings),
  };
}

function writeRequest(
  plan: WritePlan,
  settings: RestSettings,
  evidence: VersionEvidence,
): WireRequest {
  const fields = plan.method === 'PUT' ? wholeRecord(plan, settings) : plan.changes;
  const body = stringifyLossless(evidence.body(fields, plan.precondition));
  return {
    method: plan.method,
    url: plan.ref.url,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...evidence.headers(plan.precondition),
    },
    body,
  };
}

/** PUT resets what it leaves out, so everything that was read goes back, numbers digit by digit. */
function wholeRecord({ read, changes }: WritePlan, { recordPath }: RestSettings): Fields {
  const record = read === undefined ? undefined : valueAt(parseLossless(read.text), recordPath);
  const merged = isFields(record) ? mergePatch(record, changes) : undefined;
  if (isFields(merged)) return merged;
  throw new InputError(
    'RECORD_UNREAD',
    'PUT sends the whole record, so it has to be read first. Use PATCH to send only the changes.',
  );
}

/** The version field is evidence, never a target: the version just read goes there. */
function withoutVersion(changes: Fields, settings: RestSettings): Fields {
  if (settings.versionFrom !== 'field') return changes;
  const field = pathWithin(settings.recordPath, settings.versionField);
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name !== field));
}
