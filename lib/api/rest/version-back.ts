import { LosslessNumber } from 'lossless-json';
import { InputError } from '../../errors';
import type { Fields } from '../../record/fields';
import { checkETag, checkVersion, isETag } from '../../record/version';
import { withValueAtPath } from '../body-path';
import type { VersionSettings } from './exchange';

/** A version as it goes back: text, or a number digit by digit. */
export type VersionValue = string | LosslessNumber;

type Spelling = Exclude<VersionSettings['spelling'], 'usual'>;

/** Where versions go back with a write, and how they are written there. */
export interface VersionBack {
  readonly to: 'header' | 'body' | 'query';
  /** One for each value: headers, dotted paths in the whole body, or parameters. */
  readonly names: readonly string[];
  readonly spelling: Spelling;
  readonly step: VersionSettings['step'];
}

/** Whether a write that names any version, but never creates, can be sent: only If-Match knows `*`. */
export function knowsAny({ to, names }: VersionBack): boolean {
  return to === 'header' && names.length === 1 && isIfMatch(names[0] ?? '');
}

function isIfMatch(name: string): boolean {
  return name.toLowerCase() === 'if-match';
}

/** Makes of a version, or a part of one, what goes back. What comes back throws InputError `VERSION_INVALID`. */
export function sentBy({ spelling, step, to }: VersionBack): (value: VersionValue) => VersionValue {
  const spelled = SPELLED[spelling];
  return value => {
    const text = typeof value === 'string' || to === 'header' ? spelled(value.toString()) : value;
    const next = step === 'next' ? following(text) : text;
    if (typeof next === 'string') checkVersion(next);
    return next;
  };
}

const SPELLED: Readonly<Record<Spelling, (text: string) => string>> = {
  'entity-tag': checkETag,
  quoted: text => checkETag(isETag(text) ? text : `"${text}"`),
  bare: text => (isETag(text) ? text.slice(text.indexOf('"') + 1, -1) : text),
  strong: text => (isETag(text) ? text.slice(text.indexOf('"')) : text),
  'as-read': text => text,
};

/** The next whole number, as text where it was text. */
function following(value: VersionValue): VersionValue {
  const digits = value.toString();
  if (!/^-?\d+$/.test(digits)) {
    throw new InputError(
      'VERSION_INVALID',
      'The version of the record is no whole number, so there is no next one. Choose "the version that was read" in the endpoint, or another Version field.',
    );
  }
  const next = String(BigInt(digits) + 1n);
  return typeof value === 'string' ? next : new LosslessNumber(next);
}

type Names = VersionBack['names'];
type Values = readonly VersionValue[];

/** Headers with these values. */
export function versionHeaders(names: Names, values: Values): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  names.forEach((name, at) => (headers[name] = String(values[at] ?? '')));
  return headers;
}

/** Parameters such as `if_seq_no=5&if_primary_term=1`. */
export function versionQuery(names: Names, values: Values): string {
  return names
    .map((name, at) => `${name}=${encodeURIComponent(String(values[at] ?? ''))}`)
    .join('&');
}

/** The body with these values in it. */
export function versionBody(names: Names, values: Values, body: Fields): Fields {
  return names.reduce((whole, path, at) => withValueAtPath(whole, path, values[at]), body);
}
