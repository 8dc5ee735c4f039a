import { isLosslessNumber, LosslessNumber } from 'lossless-json';
import { InputError } from '../../errors';
import { hasSucceeded, type Answer } from '../../outcome/answer';
import { asShown } from '../../record/exact';
import type { Fields } from '../../record/fields';
import { parseUnaltered } from '../../record/json';
import { checkETag, checkVersion, isETag, usable } from '../../record/version';
import { isWithin, pathWithin, topName, valueAtPath, withValueAtPath } from '../body-path';
import type { WritePlan } from '../family';
import { isSentInBody, versionPaths, type ApiSettings } from '../settings';
import { httpDate } from '../unmodified-since';
import { etagFault, ifMatch } from '../write';

/** Where a generic API shows the version of a record, and where it wants it back. */
export interface VersionEvidence {
  /** Only `If-Match: *` forces a write that never creates. */
  readonly canForce: boolean;
  /** Fields of the record that have to be read for it. */
  readonly fields: readonly string[];
  versionOf(answer: Answer): string | undefined;
  /** A sentence about a version that is named and cannot be sent back. */
  faultOf(answer: Answer): string | undefined;
  /** Throws InputError `VERSION_INVALID` or `FORCE_UNSUPPORTED`. */
  headers(precondition: Precondition): Readonly<Record<string, string>>;
  /** The body with the version in it, where it travels there. */
  body(fields: Fields, precondition: Precondition): Fields;
}

/** Takes settings that have been checked. */
export function versionEvidence(settings: ApiSettings): VersionEvidence {
  if (settings.versionFrom === 'etag') return ETAG;
  if (settings.versionFrom === 'last-modified') return lastModified(settings);
  return isSentInBody(settings) ? fieldToField(settings) : fieldToHeader(settings);
}

const ETAG: VersionEvidence = {
  canForce: true,
  fields: [],
  versionOf: answer => (hasSucceeded(answer) ? usable(checkETag, answer.headers.etag) : undefined),
  faultOf: ({ headers }) => etagFault(headers.etag),
  headers: precondition => ({ 'If-Match': ifMatch(precondition) }),
  body: fields => fields,
};

/** A field of the record may tell the time more exactly than the header; what is sent back is rounded down. */
function lastModified({ modifiedField, recordPath }: ApiSettings): VersionEvidence {
  const path = pathWithin(recordPath, modifiedField);
  const timeIn = ({ headers, json }: Answer): unknown =>
    path === '' ? headers['last-modified'] : valueAtPath(valueAtPath(json, recordPath), path);
  return {
    canForce: false,
    fields: path === '' ? [] : [topName(path)],
    versionOf: answer => (hasSucceeded(answer) ? usable(checkTime, timeIn(answer)) : undefined),
    faultOf: answer => otherFault(timeIn(answer)),
    headers: precondition => ({ 'If-Unmodified-Since': dateOf(named(precondition)) }),
    body: fields => fields,
  };
}

function fieldToHeader(settings: ApiSettings): VersionEvidence {
  return {
    canForce: true,
    fields: fieldToRead(settings),
    versionOf: answer => bodyVersion(answer, settings, versionTag),
    faultOf: answer => otherFault(namedIn(answer, settings)),
    headers: precondition => ({
      'If-Match': precondition === 'any' ? '*' : versionTag(precondition.version),
    }),
    body: fields => fields,
  };
}

function fieldToField(settings: ApiSettings): VersionEvidence {
  const path = versionFieldOf(settings) ?? '';
  return {
    canForce: false,
    fields: fieldToRead(settings),
    versionOf: answer => bodyVersion(answer, settings, checkVersion),
    faultOf: answer => otherFault(namedIn(answer, settings)),
    headers: () => ({}),
    body: (fields, precondition) =>
      withValueAtPath(fields, path, versionValue(checkVersion(named(precondition)))),
  };
}

/** What lies around the record comes with every answer. */
function fieldToRead(settings: ApiSettings): string[] {
  const { recordPath } = settings;
  const inRecord = versionPaths(settings)
    .slice(0, 1)
    .filter(path => isWithin(recordPath, path));
  return inRecord.map(path => topName(pathWithin(recordPath, path)));
}

/** The field of the record that holds the version, as a path within the record; undefined when none does. */
export function versionFieldOf(settings: ApiSettings): string | undefined {
  if (settings.versionFrom !== 'field') return undefined;
  const [path] = versionPaths(settings);
  return path === undefined ? undefined : pathWithin(settings.recordPath, path);
}

/** The version in the body, if it can be sent back. Numbers keep every digit. */
function bodyVersion(
  answer: Answer,
  settings: ApiSettings,
  check: (version: string) => string,
): string | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const version = versionText(namedIn(answer, settings));
  const sendable = version === undefined ? undefined : usable(() => check(version), version);
  return sendable === undefined ? undefined : version;
}

/** The first that is there. */
function namedIn(answer: Answer, settings: ApiSettings): unknown {
  const body = parseUnaltered(answer.text);
  return versionPaths(settings)
    .map(path => valueAtPath(body, path))
    .find(value => versionText(value) !== undefined);
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
    'A write cannot be forced when the version travels in the body or as a date. Switch Force off, or choose ETag as version evidence.',
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

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A version in a body as text that remembers what it was: a number is its digits (`7`), text is itself
 * (`v7`), and text that looks like a number stands in quotes (`"7"`).
 * Undefined for anything else: then the record has no version.
 */
export function versionText(value: unknown): string | undefined {
  if (typeof value === 'number' || isLosslessNumber(value)) return value.toString();
  if (typeof value !== 'string' || value === '') return undefined;
  return NUMBER.test(value) || value.startsWith('"') ? JSON.stringify(value) : value;
}

/** The value that `versionText` described, ready for a body: a number goes back as a number, digit by digit. */
function versionValue(version: string): string | LosslessNumber {
  if (NUMBER.test(version)) return new LosslessNumber(version);
  return unquoted(version);
}

/** The same version for If-Match: an entity tag as it is, anything else in quotes. Throws InputError `VERSION_INVALID`. */
export function versionTag(version: string): string {
  const value = versionValue(checkVersion(version)).toString();
  return checkETag(isETag(value) ? value : `"${value}"`);
}

/** A version in a body as an entity tag, which the header spells in quotes; undefined where none can be sent back. */
export function tagOf(value: unknown): string | undefined {
  if (typeof value === 'string' && isETag(value)) return value;
  const version = versionText(value);
  return version === undefined ? undefined : usable(() => versionTag(version), version);
}

function unquoted(version: string): string {
  if (!version.startsWith('"')) return version;
  try {
    const value: unknown = JSON.parse(version);
    return typeof value === 'string' ? value : version;
  } catch {
    return version;
  }
}

type Precondition = WritePlan['precondition'];
