import { InputError } from '../errors';
import type { Answer } from '../outcome/answer';
import type { Fields } from '../record/fields';
import { checkETag, checkVersion } from '../record/version';
import { parseHttpDate } from '../retry/http-date';
import { pathWithin, valueAt, withValueAt } from './body-path';
import { parseLossless } from '../record/json';
import { versionTag, versionText, versionValue } from './body-version';
import type { RestSettings, WritePlan } from './family';
import { hasSucceeded, ifMatch, usable } from './precondition';

type Precondition = WritePlan['precondition'];

/** Where a generic API shows the version of a record, and where it wants it back. */
export interface VersionEvidence {
  /** Only `If-Match: *` forces a write that never creates. */
  readonly canForce: boolean;
  versionOf(answer: Answer): string | undefined;
  /** Throws InputError `VERSION_INVALID` or `FORCE_UNSUPPORTED`. */
  headers(precondition: Precondition): Readonly<Record<string, string>>;
  /** The body with the version in it, where it travels there. */
  body(fields: Fields, precondition: Precondition): Fields;
}

/** `versionTo` counts only for a version in the body: the others go back as the header that belongs to them. */
export function versionEvidence(settings: RestSettings): VersionEvidence {
  if (settings.versionFrom === 'etag') return ETAG;
  if (settings.versionFrom === 'last-modified') return LAST_MODIFIED;
  if (settings.versionField === '') {
    throw new InputError(
      'VERSION_FIELD_MISSING',
      'The endpoint takes the version from a field of the body but names none. Fill in Version field, for example "version".',
    );
  }
  return settings.versionTo === 'field' ? fieldToField(settings) : fieldToHeader(settings);
}

const ETAG: VersionEvidence = {
  canForce: true,
  versionOf: answer => (hasSucceeded(answer) ? usable(checkETag, answer.headers.etag) : undefined),
  headers: precondition => ({ 'If-Match': ifMatch(precondition) }),
  body: fields => fields,
};

const LAST_MODIFIED: VersionEvidence = {
  canForce: false,
  versionOf: answer =>
    hasSucceeded(answer) ? usable(checkDate, answer.headers['last-modified']) : undefined,
  headers: precondition => ({ 'If-Unmodified-Since': checkDate(named(precondition)) }),
  body: fields => fields,
};

function fieldToHeader(settings: RestSettings): VersionEvidence {
  return {
    canForce: true,
    versionOf: answer => bodyVersion(answer, settings, versionTag),
    headers: precondition => ({
      'If-Match': precondition === 'any' ? '*' : versionTag(precondition.version),
    }),
    body: fields => fields,
  };
}

function fieldToField(settings: RestSettings): VersionEvidence {
  const path = pathWithin(settings.recordPath, settings.versionField);
  return {
    canForce: false,
    versionOf: answer => bodyVersion(answer, settings, checkVersion),
    headers: () => ({}),
    body: (fields, precondition) =>
      withValueAt(fields, path, versionValue(checkVersion(named(precondition)))),
  };
}

/** The version in the body, if it can be sent back. Numbers keep every digit. */
function bodyVersion(
  answer: Answer,
  { versionField }: RestSettings,
  check: (version: string) => string,
): string | undefined {
  if (!hasSucceeded(answer)) return undefined;
  const version = versionText(valueAt(parseLossless(answer.text), versionField));
  const sendable = version === undefined ? undefined : usable(() => check(version), version);
  return sendable === undefined ? undefined : version;
}

function named(precondition: Precondition): string {
  if (precondition !== 'any') return precondition.version;
  throw new InputError(
    'FORCE_UNSUPPORTED',
    'A write cannot be forced when the version travels in the body or as a date. Switch Force off, or choose ETag as version evidence.',
  );
}

/** A server ignores a date that it cannot read, and would write unconditionally. */
function checkDate(value: unknown): string {
  if (typeof value === 'string' && parseHttpDate(value, 0) !== undefined) return value;
  throw new InputError(
    'VERSION_INVALID',
    'The version is not a date as in Last-Modified, for example "Sun, 08 Feb 2026 10:00:00 GMT". Leave the snapshot out so that the record is read again.',
  );
}
