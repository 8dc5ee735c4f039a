import type { State } from './machine';

/** Characters of a value that a sentence shows. */
const MAX_LENGTH = 60;

/** A value as sentences show it: text in quotes, so that it differs from a number. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return Array.isArray(value) ? 'an array' : 'an object';
  return value.length > MAX_LENGTH ? `"${value.slice(0, MAX_LENGTH)}…"` : `"${value}"`;
}

/** States as sentences list them. */
export function listed(states: readonly State[]): string {
  return states.map(shown).join(', ');
}
