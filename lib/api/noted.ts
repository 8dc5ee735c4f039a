import { isFields, type Fields } from '../record/fields';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { pathWithin, topName, valueAtPath } from './body-path';
import type { ApiFamily, NotedFields } from './family';
import type { ApiSettings } from './settings';

/** Longer names are cut. */
const LONGEST = 64;

/** The family that knows which fields tell who changed a record, when, and of what type it is. */
export function withNoted(family: ApiFamily, { noted, recordPath }: NotedSettings): ApiFamily {
  const paths = Object.values(noted);
  if (paths.every(path => path === '')) return family;
  const within = (path: string): string => pathWithin(recordPath, path);
  const { changedBy, changedAt, type } = noted;
  return {
    ...family,
    noted: { changedBy: within(changedBy), changedAt: within(changedAt), type: within(type) },
  };
}

type NotedSettings = Pick<ApiSettings, 'noted' | 'recordPath'>;

/** Names of the fields to read for it. */
export function notedNames(noted: NotedFields | undefined): readonly string[] {
  if (noted === undefined) return [];
  return [noted.changedBy, noted.changedAt, noted.type].filter(path => path !== '').map(topName);
}

/** Who changed a record, and when, as far as it tells. */
export interface LastChange {
  readonly changedBy?: string;
  readonly changedAt?: string;
}

/** @param before nothing is told where the record still has that version */
export function lastChangeOf(
  { noted }: ApiFamily,
  { values, version }: Snapshot,
  before?: string,
): LastChange {
  if (noted === undefined || version === before) return {};
  const changedBy = textAt(values, noted.changedBy);
  const changedAt = textAt(values, noted.changedAt);
  return {
    ...(changedBy === undefined ? {} : { changedBy }),
    ...(changedAt === undefined ? {} : { changedAt }),
  };
}

/** What a field says of the record, as one of the snapshots or its key shows it; else the collection it is in. */
export function typeOfRecord(
  { noted }: ApiFamily,
  { collection, key }: RecordRef,
  seen: readonly (Snapshot | undefined)[],
): string {
  if (noted !== undefined && noted.type !== '') {
    const places = [...seen.map(snapshot => snapshot?.values), isFields(key) ? key : undefined];
    for (const place of places) {
      const text = place && textAt(place, noted.type);
      if (text !== undefined) return text;
    }
  }
  return short(collection);
}

/** What the fields hold at that path, as a short text; undefined: nothing that is one. */
function textAt(values: Fields, path: string): string | undefined {
  if (path === '') return undefined;
  const value = valueAtPath(values, path);
  const isText =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText && value !== '' ? short(String(value)) : undefined;
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
