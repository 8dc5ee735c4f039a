import type { State } from '../../lib/lifecycle/machine';
import type { TransitionGuardConfig } from './config';

export type StateType = TransitionGuardConfig['stateType'];

/** A quoted name up to the next comma, or whatever stands between two commas. */
const NAME = /\s*(?:"((?:[^"\\]|\\["\\])*)"\s*(?=,|$)|([^,]+))/g;

/** Names out of a field of the table: separated by commas; one that holds a comma stands in double quotes. */
export function splitNames(text: string): readonly string[] {
  return [...text.matchAll(NAME)]
    .map(([, quoted, plain = '']) => quoted?.replace(/\\(["\\])/g, '$1') ?? plain)
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** What `splitNames` reads back as the same names. */
export function joinNames(names: readonly State[]): string {
  return names.map(name => quotedIfNeeded(String(name))).join(', ');
}

/** The state that a field of the table means; text stays text where a number is wanted but none is there. */
export function toState(text: string, stateType: StateType): State {
  const number = Number(text);
  const isNumber = stateType === 'number' && text.trim() !== '' && Number.isFinite(number);
  return isNumber ? number : text;
}

function quotedIfNeeded(name: string): string {
  return /[,"]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
}
