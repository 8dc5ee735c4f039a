import type { Node } from 'node-red';
import { giveUp } from '../../lib/outcome/ending';
import {
  DONE_OUTCOMES,
  OUTCOMES,
  type OutcomeError,
  type UpdateEvidence,
  type UpdateResult,
} from '../../lib/outcome/outcome';
import { isFields, type Fields } from '../../lib/record/fields';
import { jsonValue } from '../../lib/record/json-value';
import type { ArrivedUpdate } from '../../lib/review/arrive';
import type { ReviewTrace } from '../../lib/review/dead-letter';
import { originalOf } from '../../lib/review/original';
import { PLAIN_RULES, reviewFields, type FieldRules } from '../../lib/review/review-fields';
import { Mask } from '../../lib/transport/mask';
import { keyShown } from '../shared/key-shown';
import type { Message, Scope } from '../shared/scope';
import { updateSourceOf, type SourceUpdate } from '../shared/update-source';
import type { DeadLetterConfig } from './config';
import { baseOf, rulesOf, storedUrl } from './source-runner';

/** An update that has come, by the message that says so. */
export interface Arriving {
  readonly scope: Scope;
  /** Of no wired loop any more. */
  readonly result: Partial<UpdateResult> | undefined;
  readonly caught: Caught | undefined;
}

/** What a Catch node has put into the message. */
interface Caught {
  readonly error: OutcomeError;
  /** Id of the node that the error came from. */
  readonly node: string;
}

/** Of what the node itself sends; empty where nothing needs a person. */
export function arrivingIn(scope: Scope, config: DeadLetterConfig): Arriving[] {
  const list = recordsOfList(scope, config);
  if (list === undefined) return [arrivingOf(scope, config)].filter(needsSomebody);
  const rest = scope.without('payload', config.result, config.record);
  return list
    .map(item => arrivingOf(itemScope(scope, config, rest, item), config))
    .filter(needsSomebody);
}

function needsSomebody({ result, caught }: Arriving): boolean {
  const { outcome } = result ?? {};
  return caught !== undefined || outcome === undefined || !DONE_OUTCOMES.includes(outcome);
}

function arrivingOf(scope: Scope, config: DeadLetterConfig): Arriving {
  const given = resultAt(scope.get(config.result));
  const caught = caughtIn(scope);
  const ended = given?.outcome === 'retry' ? giveUp(given as UpdateResult) : given;
  return {
    scope,
    result: ended,
    caught: caught && isNewer(scope, caught, given) ? caught : undefined,
  };
}

/** Whether an error says more than a result: what failed on the way of an update that needs a person is not what needs one. */
function isNewer(
  { nodes }: Scope,
  { node }: Caught,
  result: Partial<UpdateResult> | undefined,
): boolean {
  const { outcome } = result ?? {};
  if (outcome === undefined || outcome === 'retry' || DONE_OUTCOMES.includes(outcome)) return true;
  return updateSourceOf(nodes.getNode(node)) !== undefined;
}

/** Nothing that was put there by somebody else is trusted. */
function resultAt(value: unknown): Partial<UpdateResult> | undefined {
  return isFields(value) && OUTCOMES.some(outcome => outcome === value.outcome) ? value : undefined;
}

/** One message with all records of a list, as bulk-update sends it; undefined: it is another one. */
function recordsOfList(scope: Scope, { result }: DeadLetterConfig): readonly Fields[] | undefined {
  const { payload } = scope.msg;
  const isItem = (item: unknown): item is Fields =>
    isFields(item) && resultAt(item.update) !== undefined;
  if (resultAt(scope.get(result)) !== undefined || !Array.isArray(payload)) return undefined;
  return payload.length > 0 && payload.every(isItem) ? payload : undefined;
}

/** As bulk-update would send it alone. */
function itemScope(scope: Scope, config: DeadLetterConfig, rest: Message, item: Fields): Scope {
  const { key, changes, update, record } = item;
  const one = scope.of({ ...rest, key, payload: changes });
  one.set(config.result, update);
  if (record !== undefined) one.set(config.record, record);
  return one;
}

function caughtIn({ msg: { error } }: Scope): Caught | undefined {
  if (!isFields(error) || !isFields(error.source)) return undefined;
  const { code, message } = error;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { error: { code: text(code), message: text(message) }, node: text(error.source.id) };
}

/** Of the message: what others leave in it for the update that has ended. */
const OVER = ['retry', 'lock', 'bulk', '_event'];

/** What is to be kept of it. Never rejects for want of anything: what is not known is left open. */
export async function updateToKeep(
  arriving: Arriving,
  config: DeadLetterConfig,
): Promise<ArrivedUpdate> {
  const { scope, result, caught } = arriving;
  const id = caught?.node ?? result?.node ?? '';
  const node = id === '' ? null : scope.nodes.getNode(id);
  const update = await sourceUpdate(scope, config, node);
  const made = madeBy(node, update);
  return {
    record: recordOf(scope, result, update),
    ...made,
    ...endedAs(result, caught),
    ...comparedIn(arriving, config, { update, changes: made.changes }),
    evidence: evidenceOf(result),
    attempts: result?.attempts?.length ?? 0,
    ...keptOf(scope, config, { ...made, isCaught: caught !== undefined, update }),
    trace: traceOf(scope.msg),
  };
}

type Made = Pick<
  ArrivedUpdate,
  'source' | 'endpoint' | 'changes' | 'changesAt' | 'isComputed' | 'isAction'
>;

const UNKNOWN: Made = {
  source: undefined,
  endpoint: undefined,
  changes: undefined,
  changesAt: undefined,
  isComputed: false,
  isAction: false,
};

/** What the node says that made the update. */
function madeBy(node: Node | null, update: SourceUpdate | undefined): Made {
  const source = node !== null && updateSourceOf(node) !== undefined ? sourceOf(node) : undefined;
  if (update === undefined) return { ...UNKNOWN, source };
  const { computation, action } = update.input;
  const changes = changesOf(update);
  const isApart = changes !== undefined && PLAIN_PATH.test(update.changesAt ?? '');
  return {
    source,
    endpoint: endpointOf(update),
    changes,
    changesAt: isApart ? update.changesAt : undefined,
    isComputed: computation !== undefined,
    isAction: action !== undefined,
  };
}

/** Names with dots between them. */
const PLAIN_PATH = /^[\w$]+(?:\.[\w$]+)*$/;

function comparedIn(
  { scope, result }: Arriving,
  config: DeadLetterConfig,
  {
    update,
    changes,
  }: { readonly update: SourceUpdate | undefined; readonly changes: Made['changes'] },
): Pick<ArrivedUpdate, 'fields' | 'seenAt'> {
  const { base: kept, pending } = evidenceOf(result);
  const base = kept?.snapshot;
  const computed = update?.input.computation?.fields;
  const theirs = snapshotAt(scope.get(config.record)) ?? base;
  const rules = update === undefined ? PLAIN_RULES : rulesOf(update);
  const written = { changes: changes ?? pending?.sent, computed };
  const sides = { base: base?.values, theirs: theirs?.values };
  const fields = fieldsOf({ ...written, ...sides, result, rules });
  return { fields, seenAt: theirs?.readAt };
}

/** Undefined: nobody can say what the update was. */
async function sourceUpdate(
  scope: Scope,
  config: DeadLetterConfig,
  node: Node | null,
): Promise<SourceUpdate | undefined> {
  const msg = scope.without(config.result, config.record);
  try {
    return await updateSourceOf(node)?.updateOf(msg, () => ({}));
  } catch {
    return undefined;
  }
}

function changesOf({ input: { changes, computation } }: SourceUpdate): Fields | undefined {
  if (computation !== undefined || !isFields(changes)) return undefined;
  const checked = jsonValue(changes);
  return 'value' in checked ? (checked.value as Fields) : undefined;
}

function evidenceOf(result: Arriving['result']): UpdateEvidence {
  const { evidence } = result ?? {};
  return isFields(evidence) ? evidence : {};
}

interface Shown {
  readonly values: Fields;
  readonly readAt: string | undefined;
}

function snapshotAt(value: unknown): Shown | undefined {
  if (!isFields(value) || !isFields(value.values)) return undefined;
  const { values, readAt } = value;
  return { values, readAt: typeof readAt === 'string' && readAt !== '' ? readAt : undefined };
}

function recordOf(
  { msg }: Scope,
  result: Arriving['result'],
  source: SourceUpdate | undefined,
): ArrivedUpdate['record'] {
  if (source !== undefined) {
    const { ref } = source.input;
    return { key: ref.key, url: storedUrl(ref.url, source), type: ref.collection };
  }
  const url = result?.evidence?.base?.snapshot.url;
  return { key: keyShown(result?.key ?? msg.key), url, type: '' };
}

function sourceOf({ id, type, name = '' }: Node): ArrivedUpdate['source'] {
  return { node: id, type, name };
}

function endpointOf({ endpoint, connection }: SourceUpdate): ArrivedUpdate['endpoint'] {
  return {
    node: endpoint.id,
    name: endpoint.name ?? '',
    baseUrl: baseOf(endpoint, connection),
  };
}

function endedAs(
  result: Arriving['result'],
  caught: Caught | undefined,
): Pick<ArrivedUpdate, 'outcome' | 'error'> {
  if (caught !== undefined) {
    const isInDoubt = caught.error.code === 'UPDATE_UNCERTAIN';
    return { outcome: isInDoubt ? 'uncertain' : 'error', error: caught.error };
  }
  return { outcome: result?.outcome ?? 'error', error: errorIn(result) };
}

function errorIn(result: Arriving['result']): OutcomeError | undefined {
  const { error } = result ?? {};
  return isFields(error) && typeof error.message === 'string' ? error : undefined;
}

interface ToCompare {
  readonly changes: Fields | undefined;
  readonly computed: readonly string[] | undefined;
  readonly result: Arriving['result'];
  readonly base: Fields | undefined;
  readonly theirs: Fields | undefined;
  readonly rules: FieldRules;
}

function fieldsOf({ result, rules, ...given }: ToCompare): ArrivedUpdate['fields'] {
  const conflict = Array.isArray(result?.conflict?.fields) ? result.conflict : undefined;
  return reviewFields({ ...given, conflict }, rules);
}

function keptOf(
  scope: Scope,
  config: DeadLetterConfig,
  given: Pick<Made, 'changesAt'> & {
    readonly isCaught: boolean;
    readonly update: SourceUpdate | undefined;
  },
): Pick<ArrivedUpdate, 'message' | 'leftOut'> {
  const apart = given.changesAt === undefined ? [] : [given.changesAt];
  const msg = scope.without(config.result, config.record, config.review, ...apart);
  const mask = new Mask(secretsOf(given.update));
  const omit = given.isCaught ? [...OVER, 'error'] : OVER;
  return originalOf(msg, { omit, hide: text => mask.hide(text) });
}

/** A shorter one would hide parts of plain words. */
const SHORTEST_SECRET = 4;

function secretsOf(update: SourceUpdate | undefined): string[] {
  const values: unknown[] = Object.values(update?.endpoint.credentials ?? {});
  return values.filter(
    (value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET,
  );
}

/** Names of headers and members by which a message is followed through other systems. */
const TRACES = ['traceparent', 'tracestate', 'b3', 'otelRootMsgId'] as const;

const LONGEST_TRACE = 512;

function traceOf(msg: Message): ReviewTrace {
  const headers = isFields(msg.headers) ? msg.headers : {};
  const trace: Record<string, string> = {};
  const put = (name: string, value: unknown): void => {
    if (typeof value === 'string' && value !== '') trace[name] = value.slice(0, LONGEST_TRACE);
  };
  put('msgid', msg._msgid);
  for (const name of TRACES) put(name, msg[name] ?? headers[name]);
  return trace;
}
