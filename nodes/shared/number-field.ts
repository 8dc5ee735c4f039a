import { InputError } from '../../lib/errors';

interface Limits {
  readonly min: number;
  readonly max: number;
}

/** A number field of a dialog; it may hold text such as `${RETRIES}` that Node-RED has replaced. Throws InputError `NUMBER_INVALID`. */
export function numberField(value: number | string, label: string, { min, max }: Limits): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= min && number <= max) return number;
  throw new InputError(
    'NUMBER_INVALID',
    `${label} must be a number from ${min} to ${max}, not ${JSON.stringify(value)}. Correct it in the dialog.`,
  );
}

/** Like numberField, in whole numbers. */
export function wholeField(value: number | string, label: string, limits: Limits): number {
  const number = numberField(value, label, limits);
  if (Number.isInteger(number)) return number;
  throw new InputError(
    'NUMBER_INVALID',
    `${label} must be a whole number, not ${JSON.stringify(value)}. Correct it in the dialog.`,
  );
}

/** Seconds as users enter them, in milliseconds. */
export function secondsField(value: number | string, label: string, limits: Limits): number {
  return Math.round(numberField(value, label, limits) * 1000);
}

/** Names separated by commas; blanks are dropped. */
export function namesField(value: string): string[] {
  return value
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}
