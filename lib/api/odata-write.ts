import { InputError } from '../errors';
import type { Fields } from '../record/fields';
import { parseLossless, stringifyLossless } from '../record/json';
import type { WireRequest } from '../transport/transport';
import type { BoundAction, WritePlan } from './family';
import { membersOf, odataChanges } from './odata';
import { selectOption, withOptions, type ODataProfile } from './odata-profile';
import { ifMatch } from './precondition';
import { checkShown, wholeRecord } from './whole-record';

/**
 * The request of a write or of a bound action. It always carries If-Match: without it a service may create a record
 * that is missing. Throws InputError `METHOD_UNSUPPORTED`, `ACTION_INVALID`, `RECORD_UNREAD`, `FIELDS_HIDDEN` or
 * `VERSION_INVALID`.
 */
export function odataWriteRequest(
  profile: ODataProfile,
  { actionHeaders, writeHeaders }: ODataWriteHeaders,
  plan: WritePlan,
): WireRequest {
  if (plan.action !== undefined) {
    const headers = { ...actionHeaders, 'If-Match': ifMatch(plan.precondition) };
    return actionRequest(profile, plan, plan.action, headers);
  }
  checkMethod(profile, plan);
  const { format, options, answersWith } = profile;
  const changes = odataChanges(plan.changes, format);
  const fields = answersWith === 'changed fields' ? Object.keys(changes).map(profile.readName) : [];
  return {
    method: plan.method,
    url: withOptions(plan.ref.url, [...options, ...selectOption(fields)]),
    headers: { ...writeHeaders, 'If-Match': ifMatch(plan.precondition) },
    // Only the record of a PUT came in as digits; changes are plain JSON.
    body:
      plan.method === 'PUT'
        ? stringifyLossless(putBody(profile, plan, changes))
        : JSON.stringify(changes),
  };
}

/** A qualified name, so that nothing but an action of this record can be reached. */
const ACTION_NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** The address of an action bound to a record. Throws InputError `ACTION_INVALID`. */
export function odataActionUrl(recordUrl: string, action: string): string {
  if (ACTION_NAME.test(action)) return `${recordUrl}/${action}`;
  throw new InputError(
    'ACTION_INVALID',
    `The action "${action}" is not a name. Give it with its namespace as the API's metadata has it, for example "Microsoft.Dynamics.CRM.UpdateOrderStatus".`,
  );
}

function actionRequest(
  profile: ODataProfile,
  plan: WritePlan,
  action: BoundAction,
  headers: WireRequest['headers'],
): WireRequest {
  return {
    method: 'POST',
    url: withOptions(odataActionUrl(plan.ref.url, action.name), profile.options),
    headers,
    body: JSON.stringify(action.parameters),
  };
}

/** What all writes of one family send, besides the version. */
export interface ODataWriteHeaders {
  readonly actionHeaders: WireRequest['headers'];
  readonly writeHeaders: WireRequest['headers'];
}

export function odataWriteHeaders({ format, answersWith }: ODataProfile): ODataWriteHeaders {
  const actionHeaders = { ...format.headers, 'Content-Type': 'application/json' };
  if (answersWith === 'nothing') return { actionHeaders, writeHeaders: actionHeaders };
  return { actionHeaders, writeHeaders: { ...actionHeaders, Prefer: 'return=representation' } };
}

function checkMethod({ label, methods }: ODataProfile, { method }: WritePlan): void {
  if (methods.includes(method)) return;
  throw new InputError(
    'METHOD_UNSUPPORTED',
    `${label} does not take ${method}. Use ${methods.join(' or ')}.`,
  );
}

function putBody({ format }: ODataProfile, { read }: WritePlan, changes: Fields): Fields {
  const record = format.recordOf(parseLossless(read?.text ?? ''));
  const body = wholeRecord(record && membersOf(record, format.isData), changes);
  checkShown(format.hiddenFields(record ?? {}), changes);
  return body;
}
