import { InputError } from '../../errors';
import { isFields } from '../../record/fields';
import { isAnnotation } from '../odata/odata-format';
import { isWithin } from '../body-path';
import { isSentInBody, type ApiSettings } from '../settings';
import type { ExchangeSettings, Meaning } from './exchange';
import { FIXED_STATUSES, MEDIA, OF_WRITES } from './exchange-syntax';
import { headerProblem } from './header-names';
import {
  addressProblem,
  membersProblem,
  queryNames,
  queryProblem,
  type TemplateProblem,
} from './template';

/**
 * Refuses a description that no request could follow, or that contradicts the older settings beside it.
 * Throws InputError `EXCHANGE_INVALID`, which names the member.
 */
export function checkExchange(settings: ApiSettings): void {
  const { exchange } = settings;
  if ((exchange.v as number) !== 1) {
    throw invalid(
      'v',
      'is of a version that is not known here; install a newer version of this package, or set it to 1',
    );
  }
  checkAddress(exchange);
  checkMedia(exchange);
  checkRead(exchange);
  checkWrite(exchange);
  checkVersion(settings);
  checkSources(exchange);
  checkParameters(settings);
  checkAnswers(settings);
}

function checkAddress({ address }: ExchangeSettings): void {
  checkChoice('address.key', address.key, ['usual', 'segment', 'slash', 'path', 'odata']);
  checkTemplate('address.template', addressProblem(address.template));
  checkTemplate('address.writeTemplate', addressProblem(address.writeTemplate));
  checkTemplate('address.headers', membersProblem(address.headers));
  checkHeaders('address.headers', address.headers);
}

function checkMedia({ media }: ExchangeSettings): void {
  checkChoice('media.annotations', media.annotations, ['usual', 'odata-v3', 'odata-v4', 'none']);
  for (const name of ['accept', 'contentType'] as const) {
    const types = media[name] === '' ? [] : media[name].split(',').map(one => one.trim());
    if (!types.every(type => type.includes('/') && MEDIA.test(type))) {
      throw invalid(`media.${name}`, 'is no media type; give one such as "application/json"');
    }
  }
}

function checkRead({ read, write }: ExchangeSettings): void {
  checkChoice('read.record', read.record, ['object', 'text', 'base64']);
  checkTemplate('read.query', queryProblem(read.query));
  if (read.record !== 'object' && write.methods.join() !== 'PUT') {
    throw invalid(
      'write.methods',
      'must be PUT and nothing else: a record that is stored as text is written as a whole',
    );
  }
}

function checkWrite({ write }: ExchangeSettings): void {
  checkChoice('write.method', write.method, ['update', 'PATCH', 'PUT', 'POST', 'MERGE']);
  for (const method of write.methods) {
    checkChoice('write.methods', method, ['PATCH', 'PUT', 'MERGE']);
  }
  checkTemplate('write.query', queryProblem(write.query, OF_WRITES));
  checkTemplate('write.members', membersProblem(write.members));
  if (!isFields(write.members)) throw invalid('write.members', 'is no JSON object');
  if (write.methodHeader !== '') checkHeader('write.methodHeader', write.methodHeader);
  checkHeaders('write.headers', write.headers);
  if (write.path !== '' && !isBodyPath(write.path)) {
    throw invalid('write.path', `"${write.path}" ${NO_PATH}`);
  }
}

const NO_PATH = 'is no path in the body that an API would read';

/** Names with dots between them. */
function isBodyPath(path: string): boolean {
  return !path.split('.').includes('') && !isAnnotation(path);
}

/** Of two headers of one name, nobody can say which counts. */
function checkSources({ address, write, version }: ExchangeSettings): void {
  const single = write.methodHeader === '' ? [] : [write.methodHeader];
  const own = [...Object.keys(address.headers), ...Object.keys(write.headers), ...single];
  if (hasTwice(own)) throw invalid('write.headers', TWICE);
  const evidence = version.to === 'header' ? version.names : [];
  if (hasTwice([...own, ...evidence])) throw invalid('version.names', TWICE);
}

function hasTwice(names: readonly string[]): boolean {
  return new Set(lower(names)).size !== names.length;
}

function lower(names: readonly string[]): string[] {
  return names.map(name => name.toLowerCase());
}

function checkHeaders(field: string, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    checkHeader(field, name);
    if (typeof value !== 'string' || !/^[\x20-\x7e]+$/.test(value)) {
      throw invalid(field, `gives "${name}" no value of printable ASCII`);
    }
  }
}

function checkHeader(field: string, name: string): void {
  const problem = headerProblem(name);
  if (problem === 'token') throw invalid(field, `"${name}" is not the name of a header`);
  if (problem === 'taken') {
    throw invalid(
      field,
      `"${name}" frames the request or means something of its own; choose another header`,
    );
  }
}

function checkVersion(settings: ApiSettings): void {
  const { to, more, spelling, step, header } = settings.exchange.version;
  checkChoice('version.to', to, ['usual', 'header', 'body', 'query', 'none']);
  checkChoice('version.spelling', spelling, SPELLINGS);
  checkChoice('version.step', step, ['same', 'next']);
  if (header !== '' && headerProblem(header) === 'token') {
    throw invalid('version.header', `"${header}" is not the name of a header`);
  }
  if (more.length > 0 && settings.versionFrom !== 'field') {
    throw invalid('version.more', 'needs Version from a field of the record');
  }
  if (to === 'usual') checkUsualBack(settings);
  else if (to !== 'none') checkBack(settings);
}

function checkUsualBack(settings: ApiSettings): void {
  const { version, read } = settings.exchange;
  const isInText = read.record !== 'object' && isSentInBody(settings);
  if (version.more.length === 0 && !isInText) return;
  throw invalid('version.to', 'must say where the version goes back');
}

function checkBack({ exchange, unmodifiedSince }: ApiSettings): void {
  const { to, names, more } = exchange.version;
  if (names.length !== 1 + more.length) {
    throw invalid('version.names', `must name ${1 + more.length}, one for each version field`);
  }
  if (unmodifiedSince && !(to === 'header' && /^if-match$/i.test(names[0] ?? ''))) {
    throw invalid('version.to', 'leaves no If-Match that If-Unmodified-Since could go beside');
  }
  checkNames(exchange);
  checkStoredText(exchange);
}

/** A version among the fields of a record that lies in a text would replace the text. */
function checkStoredText({ read, write, version }: ExchangeSettings): void {
  const isInside = version.names.some(name => isWithin(write.path, name) || name === write.path);
  if (read.record === 'object' || version.to !== 'body' || !isInside) return;
  throw invalid('version.names', 'lies in the record, which is stored as text there');
}

const SPELLINGS = ['usual', 'entity-tag', 'as-read', 'bare', 'strong', 'quoted'];

function checkNames({ version }: ExchangeSettings): void {
  const { to, names } = version;
  for (const name of names) {
    if (to === 'header' && !IF_MATCH.test(name)) checkHeader('version.names', name);
    if (to === 'query' && !/^[$\w.~-]+$/.test(name)) {
      throw invalid('version.names', `"${name}" is not the name of a query parameter`);
    }
    if (to === 'body' && !isBodyPath(name)) {
      throw invalid('version.names', `"${name}" ${NO_PATH}`);
    }
  }
  if (hasTwice(names)) throw invalid('version.names', TWICE);
}

/** Conditions that carry a version. */
const IF_MATCH = /^(?:if-match|if-unmodified-since)$/i;

const TWICE = 'names something twice; the version and everything else need a name of their own';

/** What stands in the address of a write, or of a read, has one source. */
function checkParameters(settings: ApiSettings): void {
  for (const [field, names] of [
    ['write.query', ofWrites(settings)],
    ['read.query', ofReads(settings)],
  ] as const) {
    if (new Set(names).size !== names.length) throw invalid(field, TWICE);
  }
}

/** Names of the parameters that the description puts into addresses, in lower case. */
export function parametersOf(settings: ApiSettings): readonly string[] {
  return [...ofWrites(settings), ...ofReads(settings)];
}

function ofWrites({ exchange: { version, write } }: ApiSettings): readonly string[] {
  const own = version.to === 'query' ? version.names.map(name => name.toLowerCase()) : [];
  return [...own, ...queryNames(write.query)];
}

function ofReads({ exchange: { read }, fieldsParameter }: ApiSettings): readonly string[] {
  const own = fieldsParameter === '' ? [] : [fieldsParameter.toLowerCase()];
  return [...own, ...queryNames(read.query)];
}

function checkAnswers({ exchange, conflictStatuses }: ApiSettings): void {
  const { state, again, throttled, refusedValue } = exchange.answers;
  const meanings = { state, again, throttled };
  for (const [name, meaning] of Object.entries(meanings)) checkMeaning(name, meaning);
  const alone = [...Object.values(meanings).filter(({ text }) => text === '')];
  const statuses = [...conflictStatuses, ...alone.flatMap(meaning => meaning.statuses)];
  const isUsual = (status: number): boolean => status === 409 || status === 412;
  const twice = statuses.find((one, at) => !isUsual(one) && statuses.indexOf(one) !== at);
  if (twice !== undefined) throw invalid('answers', `gives the status ${twice} two meanings`);
  if (refusedValue !== '' && !isJsonValue(refusedValue)) {
    throw invalid('answers.refusedValue', 'is no JSON; write text in quotes, as in "stale"');
  }
}

function checkMeaning(name: string, { statuses }: Meaning): void {
  const bad = statuses.find(
    status =>
      !Number.isInteger(status) || status < 400 || status > 599 || FIXED_STATUSES.includes(status),
  );
  if (bad === undefined) return;
  throw invalid(`answers.${name}.statuses`, `cannot hold ${String(bad)}`);
}

function isJsonValue(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const SENTENCES: Readonly<Record<TemplateProblem, string>> = {
  braces: 'has braces that do not belong together',
  placeholder:
    'has a placeholder that is not known; use {collection}, {key}, {key.NAME}, and {fields} in the query of writes',
  'no-key': 'has no {key}, so all records would have one address',
  characters: 'has characters that cannot stand in a path; leave out "?", "#", "%" and blanks',
  steps:
    'leads away from the base URL or has an empty step; leave out "..", "//" and a slash in front',
  pairs: 'is not of the form name=value&name=value',
  twice: 'names a parameter twice',
};

function checkTemplate(field: string, problem: TemplateProblem | undefined): void {
  if (problem !== undefined) throw invalid(field, SENTENCES[problem]);
}

function checkChoice(field: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) throw invalid(field, `must be one of ${choices.join(', ')}`);
}

function invalid(field: string, problem: string): InputError {
  return new InputError('EXCHANGE_INVALID', `The setting "${field}" of the exchange ${problem}.`);
}
