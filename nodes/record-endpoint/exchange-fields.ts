import { headerProblem } from '../../lib/api/rest/header-names';
import { FIXED_STATUSES, MEDIA, OF_WRITES } from '../../lib/api/rest/exchange-syntax';
import {
  addressProblem,
  membersProblem,
  queryNames,
  queryProblem,
  type TemplateProblem,
} from '../../lib/api/rest/template';
import { headerLines } from '../shared/checks';
import type { Clash, ConfigOf, Fields, ReadField } from '../shared/fields';
import type { TextName } from '../shared/text-key';

const REST = 'family=rest';
const BY_FIELD = `${REST};versionFrom=field`;
const BACK = `${REST};versionBack=header|body|query`;

const said = (
  problem: TextName<'record-endpoint.errors'>,
  values?: Record<string, string>,
): Clash => ({
  key: `record-endpoint.errors.${problem}`,
  ...(values === undefined ? {} : { values }),
});

const template = (problem: TemplateProblem | undefined): Clash =>
  problem === undefined ? undefined : said(`template-${problem}`);

const addressClash = (value: unknown): Clash => template(addressProblem(String(value).trim()));

/** Names separated by commas. */
const listed = (value: unknown): string[] => {
  const names = String(value).split(',');
  return names.map(name => name.trim()).filter(name => name !== '');
};

const lower = (names: readonly string[]): string[] => names.map(name => name.toLowerCase());

/** The parameters that every request has, by another field. */
const ofAll = (other: ReadField): readonly string[] => queryNames(String(other('query')).trim());

function readQueryClash(value: unknown, other: ReadField): Clash {
  const query = String(value).trim();
  const problem = queryProblem(query);
  if (problem !== undefined) return template(problem);
  return taken(queryNames(query), [...ofAll(other), ...lower(listed(other('fieldsParameter')))]);
}

function writeQueryClash(value: unknown, other: ReadField): Clash {
  const query = String(value).trim();
  const problem = queryProblem(query, OF_WRITES);
  return problem === undefined ? taken(queryNames(query), ofAll(other)) : template(problem);
}

function taken(names: readonly string[], others: readonly string[]): Clash {
  const name = names.find(one => others.includes(one));
  return name === undefined ? undefined : said('query-taken', { name });
}

function mediaClash(value: unknown): Clash {
  const fits = listed(value).every(type => type.includes('/') && MEDIA.test(type));
  return fits ? undefined : said('media-type');
}

/** What sets headers, a line each or one. */
const LINES = ['headers', 'addressHeaders', 'writeHeaders'] as const;
const SINGLE = ['methodHeader', 'idempotencyHeader'] as const;

/** The headers that other fields set, in lower case; those of the sign-in among them. */
function headersBesides(other: ReadField, own?: string): readonly string[] {
  const lines = LINES.filter(name => name !== own).flatMap(name =>
    headerLines(String(other(name))),
  );
  const auth = other('auth');
  const secret = [auth === 'api-key' && 'apiKeyHeader', auth !== 'none' && 'secretHeader'];
  const single = [...SINGLE, ...secret].filter(name => name !== false && name !== own);
  const names = single.flatMap(name => listed(other(String(name))));
  return [...lines.map(([name]) => name), ...lower(names)];
}

function headersClash(names: readonly string[], others: readonly string[]): Clash {
  const framing = names.find(name => name !== '' && headerProblem(name) === 'taken');
  if (framing !== undefined) return said('header-frames', { name: framing });
  const twice = names.find((name, at) => names.indexOf(name) !== at || others.includes(name));
  return twice === undefined ? undefined : said('named-twice', { name: twice });
}

function methodHeaderClash(value: unknown, other: ReadField): Clash {
  return headersClash(lower(listed(value)), headersBesides(other, 'methodHeader'));
}

const namesIn = (value: unknown): string[] => headerLines(String(value)).map(([name]) => name);

function writeHeadersClash(value: unknown, other: ReadField): Clash {
  return headersClash(namesIn(value), headersBesides(other, 'writeHeaders'));
}

/** Their values hold known placeholders. */
function addressHeadersClash(value: unknown, other: ReadField): Clash {
  const values = headerLines(String(value)).map(([, text]) => text);
  const clash = headersClash(namesIn(value), headersBesides(other, 'addressHeaders'));
  return template(membersProblem(values)) ?? clash;
}

/** JSON of an object whose texts hold known placeholders. */
function membersClash(value: unknown): Clash {
  const text = String(value).trim();
  if (text === '') return undefined;
  const members = json(text);
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    return said('json-object');
  }
  return template(membersProblem(members));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where a version can go back to, besides the usual place. */
type VersionPlace = 'header' | 'query' | 'body';

function namesClash(value: unknown, other: ReadField): Clash {
  const names = listed(value);
  const count = other('versionFrom') === 'field' ? 1 + listed(other('versionMore')).length : 1;
  if (names.length !== count) return said('version-names', { number: String(count) });
  const to = other('versionBack');
  const bad = names.find(name => !isName(name, to));
  if (bad !== undefined) return said(`version-in-${to as VersionPlace}`, { name: bad });
  const all = lower([...names, ...besides(to, other)]);
  const twice = all.find((name, at) => all.indexOf(name) !== at);
  return twice === undefined ? undefined : said('named-twice', { name: twice });
}

function isName(name: string, to: unknown): boolean {
  if (to === 'query') return /^[$\w.~-]+$/.test(name);
  if (to === 'body') return isBodyPath(name);
  return /^if-(?:match|unmodified-since)$/i.test(name) || headerProblem(name) === undefined;
}

/** Names with dots between them, and none that an API writes itself. */
function isBodyPath(path: string): boolean {
  return !path.split('.').includes('') && !/@|__metadata/.test(path);
}

function writePathClash(value: unknown): Clash {
  const path = String(value).trim();
  return path === '' || isBodyPath(path) ? undefined : said('version-in-body', { name: path });
}

/** What else stands where the version goes. */
function besides(to: unknown, other: ReadField): readonly string[] {
  if (to === 'query') return [...ofAll(other), ...queryNames(String(other('writeQuery')).trim())];
  return to === 'header' ? headersBesides(other) : [];
}

function backClash(value: unknown, other: ReadField): Clash {
  const isSeveral = other('versionFrom') === 'field' && listed(other('versionMore')).length > 0;
  return value === 'usual' && isSeveral ? said('version-back') : undefined;
}

/** What is stored as text is written as a whole. */
function methodsClash(value: unknown, other: ReadField): Clash {
  return other('readRecord') !== 'object' && value !== 'PUT' ? said('text-record') : undefined;
}

function jsonClash(value: unknown): Clash {
  const text = String(value).trim();
  return text === '' || json(text) !== undefined ? undefined : said('json-value');
}

/**
 * What the dialog asks about the exchange, by the names of its inputs. Stored is the one object that
 * `lib/api/rest/exchange.ts` describes; `exchange-settings.ts` turns one into the other.
 */
export const EXCHANGE_INPUTS = {
  addressTemplate: text('address-template', { also: addressClash }),
  addressOfWrites: text('address-of-writes', { also: addressClash }),
  addressKey: choice(['usual', 'segment', 'slash', 'path', 'odata']),
  addressHeaders: {
    kind: 'headers',
    value: '',
    when: REST,
    label: 'record-endpoint.label.address-headers',
    code: 'EXCHANGE_INVALID',
    also: addressHeadersClash,
  },
  accept: text('accept', { also: mediaClash }),
  contentType: text('content-type', { also: mediaClash }),
  annotations: choice(['usual', 'odata-v3', 'odata-v4', 'none']),
  readQuery: text('read-query', { also: readQueryClash }),
  readRecord: choice(['object', 'text', 'base64']),

  updateMethods: {
    kind: 'choice',
    value: '',
    options: ['', 'PATCH', 'PUT', 'MERGE', 'PATCH, PUT', 'MERGE, PUT'],
    when: REST,
    label: 'record-endpoint.label.update-methods',
    code: 'EXCHANGE_INVALID',
    also: methodsClash,
  },
  wireMethod: choice(['update', 'PATCH', 'PUT', 'POST', 'MERGE']),
  methodHeader: {
    kind: 'header',
    value: '',
    when: REST,
    label: 'record-endpoint.label.method-header',
    code: 'EXCHANGE_INVALID',
    also: methodHeaderClash,
  },
  methodValue: text('method-value', { when: `${REST};methodHeader!=` }),
  writeHeaders: {
    kind: 'headers',
    value: '',
    when: REST,
    label: 'record-endpoint.label.write-headers',
    code: 'EXCHANGE_INVALID',
    also: writeHeadersClash,
  },
  writeQuery: text('write-query', { also: writeQueryClash }),
  writePath: text('write-path', { also: writePathClash }),
  writeMembers: text('write-members', { also: membersClash }),

  versionHeader: {
    kind: 'header',
    value: '',
    when: `${REST};versionFrom=etag`,
    label: 'record-endpoint.label.version-header',
    code: 'EXCHANGE_INVALID',
  },
  versionMore: text('version-more', { when: BY_FIELD }),
  versionBack: {
    kind: 'choice',
    value: 'usual',
    options: ['usual', 'header', 'body', 'query', 'none'],
    when: REST,
    label: 'record-endpoint.label.version-back',
    code: 'EXCHANGE_INVALID',
    also: backClash,
  },
  versionNames: text('version-names', { when: BACK, required: true, also: namesClash }),
  versionSpelling: choice(['usual', 'entity-tag', 'as-read', 'bare', 'strong', 'quoted']),
  versionStep: choice(['same', 'next']),

  stateStatuses: statuses('state-statuses'),
  stateText: text('state-text'),
  againStatuses: statuses('again-statuses'),
  againText: text('again-text'),
  throttledStatuses: statuses('throttled-statuses'),
  throttledText: text('throttled-text'),
  refusedPath: text('refused-path', { when: `${REST};refusedValue!=` }),
  refusedValue: text('refused-value', { also: jsonClash }),
  errorMessage: text('error-message'),
  errorCode: text('error-code'),
} as const satisfies Fields;

export type ExchangeInputs = ConfigOf<typeof EXCHANGE_INPUTS>;

type Label = TextName<'record-endpoint.label'>;

interface More {
  readonly when?: string;
  readonly required?: true;
  readonly also?: (value: unknown, other: ReadField) => Clash;
}

function text(label: Label, more: More = {}) {
  const code = 'EXCHANGE_INVALID';
  const kind = 'text' as const;
  const key = `record-endpoint.label.${label}` as const;
  return { kind, value: '', when: REST, label: key, code, ...more };
}

function choice<const Options extends readonly [string, ...string[]]>(options: Options) {
  return { kind: 'choice' as const, value: options[0], options, when: REST };
}

function statuses(label: Label) {
  return {
    kind: 'numbers' as const,
    value: '',
    min: 400,
    max: 599,
    whole: true,
    blank: true,
    except: FIXED_STATUSES,
    when: REST,
    label: `record-endpoint.label.${label}` as const,
    code: 'EXCHANGE_INVALID',
  };
}
