import { InputError } from '../errors';
import { isFields, type Fields } from '../record/fields';
import { checkMachine } from './check-machine';
import type { OpenRule, OwnEvent, TransitionGuard } from './guard';
import { isState, type State } from './machine';
import { asIsoTime } from './times';

/**
 * A guard that came with a message, with nothing else in it: a function node or a context store may have changed it.
 * Throws InputError `GUARD_INVALID` that names the member.
 */
export function checkGuard(value: unknown): TransitionGuard {
  if (!isFields(value)) throw invalid('it is not an object');
  const { missingMeansEmpty, own } = value;
  return {
    url: textOf(value, 'url'),
    field: textOf(value, 'field'),
    from: stateOf(value, 'from'),
    to: stateOf(value, 'to'),
    ...eventOf(value),
    ...optionalText(value, 'sinceField'),
    ...(own === undefined ? {} : { own: ownOf(own) }),
    machine: machineOf(value),
    ...(value.open === undefined ? {} : { open: openOf(value.open) }),
    ...(missingMeansEmpty === true ? { missingMeansEmpty } : {}),
  };
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name} must be text`);
}

function optionalText<N extends string>(fields: Fields, name: N): Partial<Record<N, string>> {
  if (fields[name] === undefined) return {};
  return { [name]: textOf(fields, name) } as Record<N, string>;
}

function stateOf(fields: Fields, name: string): State {
  const value = fields[name];
  if (isState(value)) return value;
  throw invalid(`${name} must be text or a number`);
}

function eventOf({ eventAt }: Fields): Pick<TransitionGuard, 'eventAt'> {
  if (eventAt === undefined) return {};
  const time = asIsoTime(eventAt);
  if (time === undefined) throw invalid('eventAt must be a time with a zone');
  return { eventAt: time };
}

function ownOf(own: unknown): OwnEvent {
  if (!isFields(own)) throw invalid('own must be an object');
  const { eventAt } = eventOf(own);
  if (eventAt === undefined) throw invalid('own.eventAt must be a time with a zone');
  return { since: stateOf(own, 'since'), eventAt };
}

function machineOf({ machine }: Fields): TransitionGuard['machine'] {
  try {
    return checkMachine(machine, 'machine');
  } catch (error) {
    throw error instanceof InputError ? invalid(error.message.replace(/\.$/, '')) : error;
  }
}

function openOf(open: unknown): OpenRule {
  if (!isFields(open)) throw invalid('open must be an object');
  const fields = { ...optionalText(open, 'byField'), ...optionalText(open, 'atField') };
  switch (open.rule) {
    case 'any':
      return { rule: 'any', ...fields, byField: textOf(open, 'byField') };
    case 'other':
      return {
        rule: 'other',
        ...fields,
        byField: textOf(open, 'byField'),
        ours: textOf(open, 'ours'),
      };
    case 'newer':
      return {
        rule: 'newer',
        ...fields,
        atField: textOf(open, 'atField'),
        minutes: minutesOf(open),
      };
    default:
      throw invalid('open.rule must be "any", "other" or "newer"');
  }
}

function minutesOf({ minutes }: Fields): number {
  if (typeof minutes === 'number' && Number.isFinite(minutes) && minutes > 0) return minutes;
  throw invalid('open.minutes must be a number above 0');
}

function invalid(why: string): InputError {
  return new InputError(
    'GUARD_INVALID',
    `The transition guard in the message cannot be used: ${why}. Leave it as transition-guard set it, and wire that node before this one.`,
  );
}
