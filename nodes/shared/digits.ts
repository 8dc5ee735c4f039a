import { InputError } from '../../lib/errors';
import { roundingFrom } from '../../lib/record/digits';
import type { Scope } from './scope';

/** What a JSONata expression of the dialog has made of a message. */
interface Made {
  readonly made: unknown;
  readonly expression: string;
  /** The field's name in the dialog. */
  readonly label: string;
  /** Of the error. */
  readonly code: string;
}

/**
 * Keys and ids tell records and events apart, and JSONata may round a long number when it joins it to text: two of them
 * would become one. Throws InputError unless the message or the expression itself holds these digits.
 */
export function checkDigits(scope: Scope, { made, ...by }: Made): void {
  digitsCheck(scope, by)(made);
}

/** The same for each of many that one expression has made. */
export function digitsCheck(
  { msg }: Scope,
  { expression, label, code }: Omit<Made, 'made'>,
): (made: unknown) => void {
  const rounded = roundingFrom([msg, expression]);
  return made => {
    const digits = rounded(made);
    if (digits === undefined) return;
    throw new InputError(
      code,
      `${label} holds the number ${digits}, which stands nowhere in the message: JSONata rounds a number of more than 15 digits when it is joined to text, and another record or event would get the same. Have the number come as text, or put a character between numbers that are joined.`,
    );
  };
}
