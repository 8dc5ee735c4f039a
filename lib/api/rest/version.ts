import { InputError } from '../../errors';
import { hasSucceeded, type Answer } from '../../outcome/answer';
import { asShown } from '../../record/exact';
import type { Fields } from '../../record/fields';
import { isPlainJson, parseUnaltered } from '../../record/json';
import { checkETag, checkVersion, usable } from '../../record/version';
import { isWithin, pathWithin, topName, valueAtPath } from '../body-path';
import type { WritePlan } from '../family';
import { isSentInBody, versionPaths, type ApiSettings } from '../settings';
import { httpDate } from '../unmodified-since';
import { etagFault, ifMatch } from '../write';
import {
  knowsAny,
  sentBy,
  versionBody,
  versionHeaders,
  versionQuery,
  type VersionBack,
  type VersionValue,
} from './version-back';
import { versionText, versionValue } from './version-text';

/** Where a generic API shows the version of a record, and where it wants it back. */
export interface VersionEvidence {
  /** Only `If-Match: *` forces a write that never creates. */
  readonly canForce: boolean;
  /** Fields of the record that have to be read for it. */
  readonly fields: readonly string[];
  versionOf(answer: Answer): string | undefined;
  /** A sentence about a version that is named and cannot be sent back. */
  faultOf(answer: Answer): string | undefined;
  /** Names of the headers that carry it. */
  readonly headerNames: readonly string[];
  /** These, with their values. Throws InputError `VERSION_INVALID` or `FORCE_UNSUPPORTED`. */
  headers(precondition: Precondition): Readonly<Record<string, string>>;
  /** Parameters of a write; empty: none. Throws like `headers`. */
  query(precondition: Precondition): string;
  /** The body with the version in it, where it travels there. */
  body(fields: Fields, precondition: Precondition): Fields;
}

/** Takes settings that have been checked. */
export function versionEvidence(settings: ApiSettings): VersionEvidence {
  const { to, header, spelling, step } = settings.exchange.version;
  if (to === 'none') return UNCHECKED;
  const isUsual = to === 'usual' && spelling === 'usual' && step === 'same';
  if (isUsual && settings.versionFrom === 'etag' && header === '') return ETAG;
  if (isUsual && settings.versionFrom === 'last-modified') return lastModified(settings);
  return described(sourceOf(settings), backOf(settings));
}

/** An ETag as it came, in If-Match: nearly all APIs. */
const ETAG: VersionEvidence = {
  canForce: true,
  fields: [],
  versionOf: answer => (hasSucceeded(answer) ? usable(checkETag, answer.headers.etag) : undefined),
  faultOf: ({ headers }) => etagFault(headers.etag),
  headerNames: ['If-Match'],
  headers: precondition => ({ 'If-Match': ifMatch(precondition) }),
  query: () => '',
  body: fields => fields,
};

/**
 * The API checks no version: what is shown as one tells whether an answer differs from another, and only a forced write
 * may leave.
 */
const UNCHECKED: VersionEvidence = {
  canForce: true,
  fields: [],
  versionOf: answer => (hasSucceeded(answer) ? `content-${fingerprint(answer.text)}` : undefined),
  faultOf: () => undefined,
  headerNames: [],
  headers: precondition => {
    if (precondition === 'any') return {};
    throw new InputError(
      'VERSION_UNCHECKED',
      'This API checks no version: only a forced write may be sent. Switch Force on.',
    );
  },
  query: () => '',
  body: fields => fields,
};

/** FNV-1a over UTF-16, 32 bits in two lanes: to tell contents apart, not to protect them. */
function fingerprint(text: string): string {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit ^ at, 0x85ebca6b);
  }
  return [one, other].map(lane => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** A field of the record may tell the time more exactly than the header; what is sent back is rounded down. */
function lastModified(settings: ApiSettings): VersionEvidence {
  const path = modifiedPath(settings);
  return {
    canForce: false,
    fields: path === '' ? [] : [topName(path)],
    versionOf: answer =>
      hasSucceeded(answer) ? usable(checkTime, timeIn(answer, settings)) : undefined,
    faultOf: answer => otherFault(timeIn(answer, settings)),
    headerNames: ['If-Unmodified-Since'],
    headers: precondition => ({ 'If-Unmodified-Since': dateOf(named(precondition)) }),
    query: () => '',
    body: fields => fields,
  };
}

function modifiedPath({ modifiedField, recordPath }: ApiSettings): string {
  return pathWithin(recordPath, modifiedField);
}

function timeIn({ headers, json }: Answer, settings: ApiSettings): unknown {
  const path = modifiedPath(settings);
  const record = path === '' ? undefined : valueAtPath(json, settings.recordPath);
  return path === '' ? headers['last-modified'] : valueAtPath(record, path);
}

/** Where a version is shown. */
interface VersionSource {
  readonly fields: readonly string[];
  /** Its parts as they came, one for each place; undefined for what is not there. */
  readonly partsIn: (answer: Answer) => readonly unknown[];
  /** A part as text that remembers what it was; undefined: it is no version. */
  readonly textOf: (part: unknown) => string | undefined;
  readonly valueOf: (text: string) => VersionValue;
}

function sourceOf(settings: ApiSettings): VersionSource {
  if (settings.versionFrom === 'field') return fieldSource(settings);
  const asText = {
    textOf: (part: unknown) => (typeof part === 'string' ? part : undefined),
    valueOf: (text: string) => text,
  };
  if (settings.versionFrom === 'last-modified') {
    const path = modifiedPath(settings);
    const fields = path === '' ? [] : [topName(path)];
    return { fields, partsIn: answer => [timeIn(answer, settings)], ...asText };
  }
  const { header } = settings.exchange.version;
  const name = header === '' ? 'etag' : header.toLowerCase();
  return { fields: [], partsIn: ({ headers }) => [headers[name]], ...asText };
}

function fieldSource(settings: ApiSettings): VersionSource {
  const { more } = settings.exchange.version;
  const first = versionPaths(settings);
  return {
    fields: fieldsToRead(settings),
    partsIn: ({ text, json }) => {
      // Most bodies are the same to every parser.
      const body = isPlainJson(text) ? json : parseUnaltered(text);
      return [firstNamed(body, first), ...more.map(path => valueAtPath(body, path))];
    },
    textOf: versionText,
    valueOf: versionValue,
  };
}

/** Where an answer names the version differently, the first that is there. */
function firstNamed(body: unknown, paths: readonly string[]): unknown {
  return paths.map(path => valueAtPath(body, path)).find(value => versionText(value) !== undefined);
}

/** What lies around the record comes with every answer. */
function fieldsToRead(settings: ApiSettings): string[] {
  const { recordPath, exchange } = settings;
  const paths = [...versionPaths(settings).slice(0, 1), ...exchange.version.more];
  const inRecord = paths.filter(path => isWithin(recordPath, path));
  return inRecord.map(path => topName(pathWithin(recordPath, path)));
}

/** Where it goes back, with what the older settings say where the description says nothing. */
function backOf(settings: ApiSettings): VersionBack {
  const { to, names, spelling, step } = settings.exchange.version;
  if (to === 'none' || to === 'usual') return usualBack(settings);
  const isIfMatch = to === 'header' && names.some(name => name.toLowerCase() === 'if-match');
  const usual = isIfMatch ? tagSpelling(settings) : 'as-read';
  return { to, names, spelling: spelling === 'usual' ? usual : spelling, step };
}

function usualBack(settings: ApiSettings): VersionBack {
  const { spelling, step } = settings.exchange.version;
  if (isSentInBody(settings)) {
    const { path } = settings.exchange.write;
    const field = versionFieldOf(settings) ?? '';
    const name = path === '' ? field : `${path}.${field}`;
    return {
      to: 'body',
      names: [name],
      spelling: spelling === 'usual' ? 'as-read' : spelling,
      step,
    };
  }
  const usual = tagSpelling(settings);
  return {
    to: 'header',
    names: ['If-Match'],
    spelling: spelling === 'usual' ? usual : spelling,
    step,
  };
}

function tagSpelling({ versionFrom }: ApiSettings): VersionBack['spelling'] {
  return versionFrom === 'etag' ? 'entity-tag' : 'quoted';
}

function described(source: VersionSource, back: VersionBack): VersionEvidence {
  const { to, names } = back;
  const canForce = knowsAny(back);
  const sent = sentBy(back);
  const valuesOf = (version: string): readonly VersionValue[] =>
    partsOf(checkVersion(version), names.length).map(part => sent(source.valueOf(part)));
  const checked = (version: unknown): string => {
    const text = checkVersion(version);
    valuesOf(text);
    return text;
  };
  return {
    canForce,
    fields: source.fields,
    versionOf: answer => {
      const version = hasSucceeded(answer) ? joined(source, answer) : undefined;
      return version === undefined ? undefined : usable(checked, version);
    },
    faultOf: answer => partsFault(source.partsIn(answer), back),
    headerNames: to === 'header' ? names : [],
    headers: precondition => {
      if (to !== 'header') return NO_HEADERS;
      if (precondition === 'any' && canForce) return versionHeaders(names, ['*']);
      return versionHeaders(names, valuesOf(named(precondition)));
    },
    query: precondition =>
      to === 'query' ? versionQuery(names, valuesOf(named(precondition))) : '',
    body: (fields, precondition) =>
      to === 'body' ? versionBody(names, valuesOf(named(precondition)), fields) : fields,
  };
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** One version of its parts: itself where there is one, else a list in JSON; undefined where one is missing. */
function joined({ partsIn, textOf }: VersionSource, answer: Answer): string | undefined {
  const parts = partsIn(answer).map(textOf);
  if (parts.length === 1) return parts[0];
  return parts.includes(undefined) ? undefined : JSON.stringify(parts);
}

/** The counterpart of `joined`. Throws InputError `VERSION_INVALID`. */
function partsOf(version: string, count: number): readonly string[] {
  if (count === 1) return [version];
  try {
    const parts: unknown = JSON.parse(version);
    const isList = Array.isArray(parts) && parts.length === count;
    if (isList && parts.every(part => typeof part === 'string')) return parts;
  } catch {
    // Said below.
  }
  throw new InputError(
    'VERSION_INVALID',
    `The version of the record must be a list of ${count} parts in JSON, as this endpoint reads it. Pass on the version as it was read, or leave the snapshot out so that the record is read again.`,
  );
}

/** The field of the record that holds the version, as a path within the record; undefined when none does. */
export function versionFieldOf(settings: ApiSettings): string | undefined {
  if (settings.versionFrom !== 'field') return undefined;
  const [path] = versionPaths(settings);
  return path === undefined ? undefined : pathWithin(settings.recordPath, path);
}

function partsFault(
  parts: readonly unknown[],
  { to, names, spelling }: VersionBack,
): string | undefined {
  const [first] = parts;
  if (to === 'header' && names[0] === 'If-Match' && spelling === 'entity-tag') {
    return etagFault(first);
  }
  if (parts.every(part => part === undefined)) return undefined;
  return otherFault(parts.length === 1 ? first : parts);
}

/** Of a version that is no ETag. */
function otherFault(version: unknown): string | undefined {
  if (version === undefined) return undefined;
  const shown = JSON.stringify(asShown(version)).slice(0, 60);
  return `The API names the version ${shown}, which cannot go back as the settings of the endpoint say: it must be printable ASCII, and a time where the version is the time of the last change. Choose another Version field, or another place under Version from.`;
}

function named(precondition: Precondition): string {
  if (precondition !== 'any') return precondition.version;
  throw new InputError(
    'FORCE_UNSUPPORTED',
    'A write cannot be forced when the version travels in the body, in the query or as a date. Switch Force off, or choose ETag as version evidence.',
  );
}

/** A server ignores a date that it cannot read, and would write unconditionally. */
function dateOf(version: unknown): string {
  const date = typeof version === 'string' ? httpDate(version, 'down') : undefined;
  if (date !== undefined) return date;
  throw new InputError(
    'VERSION_INVALID',
    'The version is not a time as in Last-Modified, for example "Sun, 08 Feb 2026 10:00:00 GMT", or as in "2026-02-08T10:00:00Z". Leave the snapshot out so that the record is read again.',
  );
}

/** The time as it was read, if it can be sent back. */
function checkTime(value: unknown): string {
  dateOf(value);
  return checkVersion(value);
}

type Precondition = WritePlan['precondition'];
