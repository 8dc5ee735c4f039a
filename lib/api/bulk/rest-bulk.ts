import { InputError } from '../../errors';
import { hasSucceeded, type Answer } from '../../outcome/answer';
import { numeralOf } from '../../record/exact';
import { isFields, type Fields } from '../../record/fields';
import { parseUnaltered, stringifyExact, withMembers } from '../../record/json';
import type { WireRequest } from '../../transport/transport';
import { jsonAtPath, valueAtPath, withValueAtPath } from '../body-path';
import { versionPaths, type ApiSettings } from '../settings';
import { ifMatch } from '../write';
import type { BatchAnswer, BatchMember, BatchOptions, BulkWrites } from './bulk-api';
import { answerOf } from './http-part';
import { placesByValue, oneValue, itemHeaders, keyText, unalteredBody } from './records';
import { urlOf, type RestDialect } from './rest-list';
import { versionedHeaders } from './rest-version';
import { withParameters } from './service';
import type { EndpointSettings, ResultSettings } from './settings';
import { idAt, toldOfEach, toldOfGroup, type BatchTold, type Told } from './told';

/** Writes with an endpoint that takes a list of items and answers with a result for each. */
export function restWrites(dialect: RestDialect, endpoint: EndpointSettings): BulkWrites {
  return {
    most: dialect.most,
    canGroup: endpoint.atomicQuery !== '',
    request: (members, options) => bulkRequest(dialect, endpoint, members, options),
    answersIn: (answer, members, { atomic }) =>
      answersIn(dialect, endpoint.results, { answer, members, atomic }),
  };
}

/** Throws InputError `BATCH_MIXED`, `BATCH_METHOD`, `VERSION_INVALID` or `HEADER_TOO_LONG`. */
function bulkRequest(
  { service, family, api }: RestDialect,
  endpoint: EndpointSettings,
  members: readonly BatchMember[],
  { atomic }: Pick<BatchOptions, 'atomic'>,
): WireRequest {
  const [first] = members;
  if (first === undefined) throw new TypeError('A batch has at least one member.');
  const urls = new Set(members.map(({ plan }) => urlOf(endpoint, plan.ref, service)));
  if (urls.size > 1) throw mixed();
  const items = members.map(member => itemOf(member, endpoint, api)).join(',');
  const query = atomic ? endpoint.atomicQuery : '';
  return {
    method: 'POST',
    url: withParameters(urlOf(endpoint, first.plan.ref, service), query, service.query),
    headers: {
      Accept: family.readRequest(first.plan.ref, undefined).headers.Accept ?? 'application/json',
      'Content-Type': 'application/json',
      ...(endpoint.versionTo === 'header' ? versionsHeader(members, endpoint, api) : {}),
    },
    body: jsonAtPath(endpoint.items, `[${items}]`),
  };
}

function mixed(): InputError {
  return new InputError(
    'BATCH_MIXED',
    'Only records of one collection can go with one request here. Give all of them the same Records.',
  );
}

/** As JSON. What the write alone would carry goes in as it is. */
function itemOf(member: BatchMember, endpoint: EndpointSettings, api: ApiSettings): string {
  const { plan, request } = member;
  if (plan.action !== undefined || plan.method !== 'PATCH') {
    throw new InputError(
      'BATCH_METHOD',
      'The bulk endpoint takes changes of records only. Use PATCH, without an action.',
    );
  }
  const id = { [endpoint.id]: plan.ref.key };
  const added: Fields = Object.assign(id, versionMember(plan, endpoint, api));
  return withMembers(placed(request.body ?? '{}', Object.keys(added), endpoint), added);
}

/** @param changes as JSON */
function placed(changes: string, added: readonly string[], endpoint: EndpointSettings): string {
  if (endpoint.changes !== '') return `{${JSON.stringify(endpoint.changes)}:${changes}}`;
  const clash = added.find(name => hasMember(changes, name));
  if (clash === undefined) return changes;
  throw new InputError(
    'CHANGES_INVALID',
    `The changes write "${clash}", which the bulk endpoint takes for the key or the version. Leave it out.`,
  );
}

/** Most texts do not even hold the name, which is found fast. */
function hasMember(json: string, name: string): boolean {
  if (!json.includes(JSON.stringify(name))) return false;
  const fields = parseUnaltered(json);
  return isFields(fields) && Object.hasOwn(fields, name);
}

function versionMember(
  { precondition }: BatchMember['plan'],
  { versionTo, versionName }: EndpointSettings,
  api: ApiSettings,
): Fields {
  if (versionTo === 'header') return {};
  const version = versionOf(precondition, api);
  return { [versionName]: versionTo === 'item' ? version : { 'If-Match': version } };
}

/** As the family sends it back: an entity tag with its quotes, or the text of the version field. */
function versionOf(precondition: BatchMember['plan']['precondition'], api: ApiSettings): string {
  const { header, spelling } = api.exchange.version;
  const isTag = header === '' && (spelling === 'usual' || spelling === 'entity-tag');
  if (precondition === 'any' || (api.versionFrom === 'etag' && isTag)) return ifMatch(precondition);
  return precondition.version;
}

/** Header lines longer than this are refused by common servers (8 kB for all headers). */
const MAX_HEADER = 6000;

function versionsHeader(
  members: readonly BatchMember[],
  { versionName }: EndpointSettings,
  api: ApiSettings,
): WireRequest['headers'] {
  // Put together as text: an object with so many names is dear, and they are others in each batch.
  const versions = members.map(({ plan: { ref, precondition } }) =>
    memberText(keyText(ref.key), versionOf(precondition, api)),
  );
  const text = ascii(`{${versions.join(',')}}`);
  if (text.length <= MAX_HEADER) return { [versionName]: text };
  throw new InputError(
    'HEADER_TOO_LONG',
    `The versions of ${members.length} records make a header of ${text.length} characters, which servers refuse. Send fewer records in one request.`,
  );
}

/** One member of an object in JSON. */
function memberText(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

/** Headers hold ASCII only; JSON can write everything with it. */
function ascii(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

interface Answered {
  readonly answer: Answer;
  readonly members: readonly BatchMember[];
  readonly atomic: boolean;
}

function answersIn(
  dialect: RestDialect,
  results: ResultSettings,
  { answer, members, atomic }: Answered,
): BatchAnswer {
  const told = toldIn(dialect, results, answer, members);
  if (told === undefined || told.places.length === 0) return wholeOf(answer, atomic, dialect.api);
  if (atomic) return toldOfGroup(told, members.length);
  return { kind: 'members', members: toldOfEach(told, members.length) };
}

/** Where all of them belong together, one conflict is everybody's. */
function wholeOf(answer: Answer, atomic: boolean, { conflictStatuses }: ApiSettings): BatchAnswer {
  const isConflict = answer.status === 409 || conflictStatuses.includes(answer.status);
  return atomic && isConflict
    ? { kind: 'rolled-back', cause: undefined, answer }
    : { kind: 'whole' };
}

function toldIn(
  { api }: RestDialect,
  results: ResultSettings,
  answer: Answer,
  members: readonly BatchMember[],
): BatchTold | undefined {
  const list = resultsIn(valueAtPath(unalteredBody(answer).body, results.path), results);
  if (list === undefined) return undefined;
  const headersOf = versionedHeaders(itemHeaders(answer), api);
  const whole = { headersOf, roundTripMs: answer.roundTripMs };
  const placesOf = placesByValue(members.map(({ plan }) => oneValue(plan.ref.key)));
  const places = list.map(({ key, result }): Told[] => {
    const [place] = placesOf(key);
    const id = place === undefined ? undefined : idAt(place);
    return [{ id, answer: resultAnswer(result, results, whole, api) }];
  });
  // A list of results need not keep an order, and what it leaves out may have been done.
  return { places, isComplete: true, hasOrder: false, isWithoutIds: false, mayStop: false };
}

interface Result {
  readonly key: unknown;
  readonly result: unknown;
}

function resultsIn(found: unknown, { shape, id }: ResultSettings): readonly Result[] | undefined {
  if (shape === 'map') {
    return isFields(found)
      ? Object.entries(found).map(([key, result]) => ({ key, result }))
      : undefined;
  }
  if (!Array.isArray(found)) return undefined;
  const results = found as readonly unknown[];
  return results.map(one => {
    const result = shape === 'wrapped' ? onlyMember(one) : one;
    return { key: valueAtPath(result, id), result };
  });
}

function onlyMember(one: unknown): unknown {
  const values = isFields(one) ? Object.values(one) : [];
  return values.length === 1 ? values[0] : undefined;
}

/** What all results have of the answer that holds them. */
interface WholeAnswer extends Pick<Answer, 'roundTripMs'> {
  readonly headersOf: (version: unknown) => Answer['headers'];
}

/**
 * A result as the answer that the write alone would have got. Of a success it holds the record and its version and
 * nothing else: a result has members of its own, such as `status`, which are no fields of the record.
 */
function resultAnswer(
  result: unknown,
  results: ResultSettings,
  whole: WholeAnswer,
  api: ApiSettings,
): Answer | undefined {
  const status = statusIn(valueAtPath(result, results.status));
  if (status === undefined || !isFields(result)) return undefined;
  const isSuccess = hasSucceeded({ status });
  const text = isSuccess ? successText(result, results, api) : failureText(result, results);
  const version =
    isSuccess && results.version !== '' ? valueAtPath(result, results.version) : undefined;
  return answerOf(status, whole.headersOf(version), text, whole);
}

function statusIn(status: unknown): number | undefined {
  const text = numeralOf(status) ?? status;
  return typeof text === 'string' && /^\d{3}$/.test(text) ? Number(text) : undefined;
}

function successText(result: Fields, results: ResultSettings, api: ApiSettings): string {
  const record = results.record === '' ? undefined : valueAtPath(result, results.record);
  const version = results.version === '' ? undefined : valueAtPath(result, results.version);
  const [path] = api.versionFrom === 'field' ? versionPaths(api) : [];
  const wrapped =
    isFields(record) && api.recordPath !== ''
      ? withValueAtPath({}, api.recordPath, record)
      : record;
  if (path === undefined || version === undefined)
    return isFields(wrapped) ? stringifyExact(wrapped) : '';
  return stringifyExact(withValueAtPath(isFields(wrapped) ? wrapped : {}, path, version));
}

function failureText(result: Fields, { error }: ResultSettings): string {
  const reason = error === '' ? undefined : valueAtPath(result, error);
  if (reason === undefined || reason === null) return stringifyExact(result);
  return stringifyExact(isFields(reason) ? reason : { error: reason });
}
