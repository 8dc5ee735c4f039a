import type { SameTarget } from '../../lib/coordination/seen-events';
import { InputError } from '../../lib/errors';
import { keyOf } from '../record-endpoint/lookup';
import { checkDigits } from '../shared/digits';
import { recordText } from '../shared/record-text';
import type { Scope } from '../shared/scope';
import { settingsOf } from '../shared/settings';
import { DEDUPE_FIELDS, type EventDedupeConfig } from './config';

/** Longer ones are no ids, and each is kept in memory. */
const MAX_LENGTH = 512;

const FIX = 'Set it in the event, or correct Event id in the dialog.';

/** What tells the event of a message apart. Throws InputError `EVENT_ID_MISSING` or `EVENT_ID_INVALID`. */
export async function eventId(
  scope: Scope,
  { eventId: value, eventIdType: type }: Pick<EventDedupeConfig, 'eventId' | 'eventIdType'>,
): Promise<string> {
  const id = await scope.evaluate({ value, type, label: 'Event id', code: 'EVENT_ID_INVALID' });
  if (type === 'jsonata') {
    checkDigits(scope, {
      made: id,
      expression: value,
      label: 'Event id',
      code: 'EVENT_ID_INVALID',
    });
  }
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

/**
 * The record and the status an event asks for; undefined when only the id counts.
 * Throws InputError `TARGET_INVALID`, `KEY_INVALID` or `NUMBER_INVALID`.
 */
export async function sameTarget(
  scope: Scope,
  config: EventDedupeConfig,
): Promise<SameTarget | undefined> {
  if (!config.same) return undefined;
  const windowMs = sameWindowMs(config);
  const record = recordText(await keyOf(scope, config));
  return { record, target: await target(scope, config), windowMs };
}

async function target(
  scope: Scope,
  { target: value, targetType: type }: EventDedupeConfig,
): Promise<string> {
  const status = await scope.evaluate({
    value,
    type,
    label: 'Target status',
    code: 'TARGET_INVALID',
  });
  if (typeof status === 'string' && status.trim() !== '') return status;
  if (typeof status === 'number' && Number.isFinite(status)) return String(status);
  throw new InputError(
    'TARGET_INVALID',
    `Target status must be text or a number, and this message has ${describeStatus(status)}. Set it in the message, or correct Target status in the dialog.`,
  );
}

function describeStatus(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'an empty one' : `a value of type ${typeof value}`;
}

const UNIT_MS: Readonly<Record<EventDedupeConfig['windowUnit'], number>> = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
};

/** A claim that is confirmed at once needs to outlive a slow disk only. */
const AT_ONCE_MS = 60_000;

/** Times in milliseconds. */
interface Windows {
  readonly windowMs: number;
  readonly claimMs: number;
}

/** How long events and claims are remembered. Throws InputError `NUMBER_INVALID`. */
export function windowsOf(config: EventDedupeConfig): Windows {
  const read = settingsOf(DEDUPE_FIELDS, config);
  return {
    windowMs: Math.round(read.number('window') * UNIT_MS[config.windowUnit]),
    claimMs: config.action === 'check' ? read.ms('claim') : AT_ONCE_MS,
  };
}

/** Of the window for the same record and status. Throws InputError `NUMBER_INVALID`. */
function sameWindowMs(config: EventDedupeConfig): number {
  return settingsOf(DEDUPE_FIELDS, config).ms('sameWindow');
}
