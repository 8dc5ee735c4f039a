import Big from 'big.js';
import { parseDay, parseInstant } from './instant';

/** How two spellings of one value are told equal. Declared, never sniffed. */
export type FieldType = NamedType & {
  /** Empty text and the first day of 1900, whatever its hour, are spellings of null. */
  readonly blankIsNull?: true;
};

type NamedType =
  | { readonly type: 'decimal'; readonly scale?: number } // 1.0 = "1.00"; rounded to `scale` when given
  | { readonly type: 'integer' } // exact beyond 2^53, 7 = "7", "007" = 7
  | { readonly type: 'date' } // 2025-02-08 = 2025-02-08T00:00:00Z = 2025-02-08T12:00:00Z
  | { readonly type: 'date-time' } // instants at 100 ns precision
  | { readonly type: 'guid' } // case and braces ignored
  | { readonly type: 'lookup' } // "/accounts(guid)" = guid
  | { readonly type: 'member'; readonly member: string } // written "a", read {"value": "a", "label": "A"}
  | { readonly type: 'code' } // exact; a number that names something and counts nothing
  | { readonly type: 'text' }; // exact

const BLANK = /^(?:1900-01-01(?:T.*)?)?$/;

/** Whether a value is a spelling of null, where the type has such. */
export function isBlank(value: unknown, { blankIsNull }: FieldType): boolean {
  if (blankIsNull !== true) return false;
  return value === null || (typeof value === 'string' && BLANK.test(value));
}

export type FieldTypes = Readonly<Record<string, FieldType>>;

/** One spelling for all spellings of a value of its declared type; undefined when it is not one. */
export function canonical(value: unknown, type: FieldType): string | undefined {
  if (type.type === 'decimal') return decimal(value, type.scale);
  if (type.type === 'integer') return integer(value);
  if (typeof value !== 'string') return undefined;
  switch (type.type) {
    case 'date':
      return parseDay(value);
    case 'date-time':
      return parseInstant(value)?.toString();
    case 'guid':
      return parseGuid(value);
    case 'lookup':
      return parseGuid(/\(([^()]*)\)$/.exec(value)?.[1] ?? value);
    default:
      return undefined;
  }
}

// The exponent is bounded so that no short text becomes a long number.
const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

function decimal(value: unknown, scale: number | undefined): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !DECIMAL.test(text)) return undefined;
  const exact = new Big(text.replace(/^\+/, ''));
  return (scale === undefined ? exact : exact.round(scale, Big.roundHalfUp)).toString();
}

/** Works on the digits: they may go beyond what a number holds. */
function integer(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const parts = /^([+-]?)0*(\d+)$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, digits = ''] = parts;
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

const PLAIN_GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

const GUID_LENGTH = 36;

/** The GUID in lower case without braces; undefined when the text is none. */
export function parseGuid(text: string): string | undefined {
  // Most keys are told by their length.
  if (text.length < GUID_LENGTH) return undefined;
  if (PLAIN_GUID.test(text)) return text;
  const digits = GUID.exec(text)?.[1]?.toLowerCase();
  const hasBalancedBraces = text.startsWith('{') === text.endsWith('}');
  return hasBalancedBraces ? digits : undefined;
}
