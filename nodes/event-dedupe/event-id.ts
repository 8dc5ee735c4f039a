import type { Node, NodeAPI } from 'node-red';
import { InputError } from '../../lib/errors';
import type { Message } from '../shared/on-input';
import { evaluate } from '../shared/typed-value';
import type { EventDedupeConfig } from './config';

/** Longer ones are no ids, and each is kept in memory. */
const MAX_LENGTH = 512;

const FIX = 'Set it in the event, or correct Event id in the dialog.';

/** What tells the event of a message apart. Throws InputError `EVENT_ID_MISSING` or `EVENT_ID_INVALID`. */
export async function eventId(
  RED: NodeAPI,
  node: Node,
  { eventId: value, eventIdType: type }: Pick<EventDedupeConfig, 'eventId' | 'eventIdType'>,
  msg: Message,
): Promise<string> {
  const id = await evaluate(RED, node, { value, type, label: 'Event id' }, msg);
  if (isMissing(id)) {
    throw new InputError('EVENT_ID_MISSING', `Event id is missing in this message. ${FIX}`);
  }
  const text = idText(id);
  if (text !== undefined) return text;
  throw new InputError(
    'EVENT_ID_INVALID',
    `Event id must be text of at most ${MAX_LENGTH} characters or a number that JavaScript holds exactly, not ${describe(id)}. ${FIX}`,
  );
}

/** An id as text; undefined when the value is none. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.trim() !== '' && value.length <= MAX_LENGTH ? value : undefined;
  }
  // Beyond that two ids may have become one number.
  const isExact = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isExact ? String(value) : undefined;
}

function isMissing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && value.trim() === '';
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
