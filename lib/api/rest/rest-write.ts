import { InputError } from '../../errors';
import type { Fields } from '../../record/fields';
import { stringifyExact, stringifyLossless } from '../../record/json';
import type { WireRequest } from '../../transport/transport';
import type { WritePlan } from '../family';
import { membersOf, odataRecord, withTypes, type ODataFormat } from '../odata/odata-format';
import { OF_RECORD_V3 } from '../odata/annotations';
import { checkShown, wholeRecord } from '../write';
import type { Filling } from './address';
import type { RestExchange } from './compile';
import { exactRecordIn } from './record-in';

/**
 * The request that writes changes, or calls an action, on the version of the plan.
 * Throws InputError `VERSION_INVALID`, `VERSION_UNCHECKED`, `FORCE_UNSUPPORTED`, `RECORD_UNREAD`, `FIELDS_HIDDEN`,
 * `KEY_INVALID` or `ACTION_INVALID`.
 */
export function restWrite(plan: WritePlan, exchange: RestExchange): WireRequest {
  const { method, url, headers, fields } = draftOf(plan, exchange);
  const { evidence } = exchange;
  // What was read goes back digit by digit; changes have hardly a number that needs that.
  const stringify = plan.method === 'PUT' ? stringifyLossless : stringifyExact;
  return {
    method,
    url: withParameter(url, evidence.query(plan.precondition)),
    headers: Object.assign(
      { ...headers },
      exchange.recordHeaders?.(plan.ref),
      evidence.headers(plan.precondition),
    ),
    body: stringify(evidence.body(fields, plan.precondition)),
  };
}

type Draft = Pick<WireRequest, 'method' | 'url' | 'headers'> & { readonly fields: Fields };

function draftOf(plan: WritePlan, exchange: RestExchange): Draft {
  const { ref, action } = plan;
  if (action === undefined) return updateOf(plan, exchange);
  const url = actionUrl(ref.url, action.name);
  return { method: 'POST', url, headers: exchange.actionHeaders, fields: action.parameters };
}

function updateOf(plan: WritePlan, exchange: RestExchange): Draft {
  const { ref, method } = plan;
  const { settings, envelope, updateHeaders } = exchange;
  const { write } = settings.exchange;
  const changes = withTypes(
    sendableFields(plan.changes, exchange.format),
    typesFor(plan, exchange),
  );
  const fields = method === 'PUT' ? putFields(plan, changes, exchange) : changes;
  const { collection, key } = ref;
  const about: Filling = { collection, key, fields: Object.keys(plan.changes) };
  return {
    method: write.method === 'update' ? method : write.method,
    url: withParameter(exchange.writeUrl(ref), exchange.writeQuery(about)),
    headers: updateHeaders[method],
    fields: envelope === undefined ? fields : envelope(fields, about),
  };
}

/** An address with one more parameter, or several; an empty one changes nothing. */
export function withParameter(url: string, parameter: string): string {
  return parameter === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${parameter}`;
}

/**
 * The types of what is written: as the changes name them. At a V3 service also as the record showed them, because it
 * takes a long number or a time without its type for text.
 */
function typesFor(plan: WritePlan, { settings, format }: RestExchange): Fields | undefined {
  if (settings.exchange.media.annotations !== 'odata-v3' || format === undefined) return plan.types;
  const record = plan.read === undefined ? undefined : exactRecordIn(plan.read.text, settings);
  const shown = membersOf(
    record ?? {},
    name => format.isType(name) && name !== OF_RECORD_V3 && isWritten(plan.changes, name),
  );
  return { ...shown, ...plan.types };
}

/** Null has no type. */
function isWritten(changes: Fields, annotation: string): boolean {
  const [field = ''] = annotation.split('@');
  return changes[field] !== undefined && changes[field] !== null;
}

function putFields({ read }: WritePlan, changes: Fields, exchange: RestExchange): Fields {
  const record = exactRecordIn(read?.text ?? '', exchange.settings);
  const sendable = record && recordToSend(record, changes, exchange.format);
  return wholeRecord(sendable, changes);
}

/** A record that was read as a PUT sends it back. Throws InputError `FIELDS_HIDDEN`. */
function recordToSend(record: Fields, changes: Fields, format: ODataFormat | undefined): Fields {
  checkShown(format?.hiddenFields(record) ?? [], changes);
  return format === undefined ? record : odataRecord(record, format.isSendable, format);
}

/** Fields as the API takes them: an OData service may act on annotations that are echoed. */
function sendableFields(fields: Fields, format: ODataFormat | undefined): Fields {
  return format === undefined ? fields : membersOf(fields, format.isSendable);
}

const SEGMENT = /^[A-Za-z0-9_.~-]+$/;

/** The address of an action bound to a record: its name follows the record. Throws InputError `ACTION_INVALID`. */
export function actionUrl(recordUrl: string, action: string): string {
  const segments = action.split('/');
  const isSafe = segments.every(
    segment => SEGMENT.test(segment) && segment !== '.' && segment !== '..',
  );
  // Where records end with a slash, so do their actions.
  if (isSafe) return recordUrl.endsWith('/') ? `${recordUrl}${action}/` : `${recordUrl}/${action}`;
  throw new InputError(
    'ACTION_INVALID',
    'Action is not usable: give the name that follows the record in its address, for example "complete" or "Ns.UpdateOrderStatus", of letters, digits, "_", ".", "~", "-" and "/" only, without a leading or trailing "/" and without "..".',
  );
}
