import { isFields, type Fields } from '../record/fields';
import { parseLossless, stringifyLossless } from '../record/json';
import type { WireRequest } from '../transport/transport';
import { valueAt } from './body-path';
import type { WritePlan } from './family';
import { actionUrl } from './rest-action';
import { formatOf, recordToSend, sendableFields } from './rest-odata';
import type { VersionEvidence } from './rest-version';
import type { ApiSettings } from './settings';
import { wholeRecord } from './whole-record';

/**
 * The request that writes changes, or calls an action, on the version of the plan.
 * Throws InputError `VERSION_INVALID`, `FORCE_UNSUPPORTED`, `RECORD_UNREAD`, `FIELDS_HIDDEN` or `ACTION_INVALID`.
 */
export function restWrite(
  plan: WritePlan,
  settings: ApiSettings,
  evidence: VersionEvidence,
): WireRequest {
  const { fields, ...target } = targetOf(plan, settings);
  return {
    ...target,
    headers: {
      ...acceptHeaders(settings),
      'Content-Type': 'application/json',
      ...evidence.headers(plan.precondition),
    },
    body: stringifyLossless(evidence.body(fields, plan.precondition)),
  };
}

/** What makes the API answer JSON, and an OData service name the version in it. */
export function acceptHeaders(settings: ApiSettings): WireRequest['headers'] {
  return formatOf(settings)?.headers ?? { Accept: 'application/json' };
}

type Target = Pick<WireRequest, 'method' | 'url'> & { readonly fields: Fields };

function targetOf(plan: WritePlan, settings: ApiSettings): Target {
  const { ref, method, action } = plan;
  if (action !== undefined) {
    return { method: 'POST', url: actionUrl(ref.url, action.name), fields: action.parameters };
  }
  const changes = sendableFields(plan.changes, formatOf(settings));
  const fields = method === 'PUT' ? putFields(plan, changes, settings) : changes;
  return { method, url: ref.url, fields };
}

function putFields({ read }: WritePlan, changes: Fields, settings: ApiSettings): Fields {
  const record = valueAt(parseLossless(read?.text ?? ''), settings.recordPath);
  const sendable = isFields(record) ? recordToSend(record, changes, formatOf(settings)) : undefined;
  return wholeRecord(sendable, changes);
}
