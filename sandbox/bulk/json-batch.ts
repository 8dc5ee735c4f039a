import { asObject, jsonObject } from '../http/json-object';
import { jsonReply } from '../http/reply';
import type { Reply } from '../http/reply';
import { hashText } from '../random';
import type { Fields } from '../records/field-types';
import type { Part, PartResult, Plan, Unit, UnitResult } from './plan';
import { appliedPreference, stopsAtError } from './reading';
import type { PartContent, Reading } from './reading';
import { resolved } from './references';
import { shuffled } from './shuffle';

/** One entry of `requests`, checked. */
interface Entry extends PartContent {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly group: string | undefined;
  readonly needs: readonly string[];
}

/** The plan of a batch in JSON (OData JSON Format 4.01 section 19); goes on after errors by default. */
export function jsonPlan(reading: Reading): Plan | Reply {
  const { requests } = jsonObject(reading.request.body) ?? {};
  if (!Array.isArray(requests)) return reading.refuse("The body has no array 'requests'.");
  const entries: Entry[] = [];
  for (const sent of requests) {
    const entry = entryOf(asObject(sent));
    if (typeof entry === 'string') return reading.refuse(entry);
    entries.push(entry);
  }
  const problem = orderProblem(entries);
  if (problem !== undefined) return reading.refuse(problem);
  const units = unitsOf(entries, partsOf(entries, reading));
  if (units === undefined) return reading.refuse('The requests of a group must stand together.');
  return {
    units,
    stopsAtError: stopsAtError(reading, false),
    answer: results => answerOf(results, reading),
  };
}

/** The entry, or what is wrong with it. */
function entryOf(sent: Fields = {}): Entry | string {
  const { id, method, url, atomicityGroup: group, dependsOn: needs = [] } = sent;
  if (typeof id !== 'string' || id === '') return "A request has no text as 'id'.";
  if (typeof method !== 'string' || typeof url !== 'string') {
    return `Request '${id}' needs 'method' and 'url'.`;
  }
  if (group !== undefined && typeof group !== 'string') {
    return `Request '${id}': 'atomicityGroup' is no text.`;
  }
  if (!isTexts(needs)) return `Request '${id}': 'dependsOn' is no array of texts.`;
  const content = contentOf(sent);
  if (typeof content === 'string') return `Request '${id}': ${content}`;
  return { id, method: method.toUpperCase(), url, group, needs, ...content };
}

/** Headers and body, or what is wrong with the headers: their names stand in lower case. */
function contentOf({ headers: sent = {}, body }: Fields): PartContent | string {
  const headers = asObject(sent);
  if (headers === undefined || !isTexts(Object.values(headers))) {
    return "'headers' is no object of texts.";
  }
  const upper = Object.keys(headers).find(name => name !== name.toLowerCase());
  if (upper !== undefined) return `The header '${upper}' is not in lower case.`;
  return withBody(headers as PartContent['headers'], body);
}

/** A JSON body stands there as it is; any other as text. */
function withBody(headers: PartContent['headers'], body: unknown): PartContent {
  if (body === undefined) return { headers, body: '' };
  const type = headers['content-type'] ?? 'application/json';
  const isText = typeof body === 'string' && !/\bjson\b/i.test(type);
  return {
    headers: { ...headers, 'content-type': type },
    body: isText ? body : JSON.stringify(body),
  };
}

/** Names must tell apart, and what is needed must come before. */
function orderProblem(entries: readonly Entry[]): string | undefined {
  const seen = new Set<string>();
  const groups = new Set(entries.map(({ group }) => group));
  for (const { id, group, needs } of entries) {
    if (seen.has(id) || groups.has(id)) return `The id '${id}' is used twice.`;
    const later = needs.find(name => !seen.has(name));
    if (later !== undefined)
      return `Request '${id}' depends on '${later}', which is not before it.`;
    seen.add(id);
    if (group !== undefined) seen.add(group);
  }
  return undefined;
}

function partsOf(entries: readonly Entry[], reading: Reading): readonly Part[] {
  const targets = new Map<string, string>();
  return entries.map(({ id, method, url, needs, headers, body }) => {
    const target = resolved(url, targets);
    const part = { ...reading.part(id, method, target ?? url, { headers, body }), needs };
    if (target === undefined) {
      return { ...part, refusal: reading.refuse(`The reference '${url}' cannot be resolved.`) };
    }
    targets.set(id, target);
    return part;
  });
}

/** Neighbours of one group are one unit; undefined when a group comes a second time. */
function unitsOf(entries: readonly Entry[], parts: readonly Part[]): Unit[] | undefined {
  const units: { parts: Part[]; isAtomic: boolean; name?: string }[] = [];
  const names = new Set<string>();
  for (const [n, part] of parts.entries()) {
    const group = entries[n]?.group;
    const last = units.at(-1);
    if (group === undefined) units.push({ parts: [part], isAtomic: false });
    else if (last?.name === group) last.parts.push(part);
    else if (names.has(group)) return undefined;
    else units.push({ parts: [part], isAtomic: true, name: group });
    if (group !== undefined) names.add(group);
  }
  return units;
}

function answerOf(units: readonly UnitResult[], reading: Reading): Reply {
  const { settings, seed, request } = reading;
  const responses = units.flatMap(({ unit, results }) =>
    results.map(result => responseOf(result, unit.name)),
  );
  const hash = hashText(request.body, seed);
  const reply = jsonReply(200, {
    responses: settings.shuffles ? shuffled(responses, hash) : responses,
  });
  const version = { 'odata-version': '4.01' };
  return { ...reply, headers: { ...reply.headers, ...version, ...appliedPreference(reading) } };
}

function responseOf({ part, reply }: PartResult, group: string | undefined): Fields {
  const { status, headers, body } = reply;
  return {
    id: part.id,
    ...(group === undefined ? {} : { atomicityGroup: group }),
    status,
    headers,
    ...(body === '' ? {} : { body: jsonObject(body) ?? body }),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}
