import { unknown } from './judge-states';
import type { Refusal } from './refusal';
import type { Fields } from '../record/fields';
import type { Circumstances, OpenRule, Refused, TransitionGuard } from './guard';
import { timeOf } from './times';
import { isEmpty, valueOf } from './watched';
import { shown } from './wording';

const MS_PER_MINUTE = 60_000;

/** An operator has the record open in a terminal: the automation keeps out of the way. */
export function openRecord(
  guard: TransitionGuard,
  { values, now }: Circumstances,
): Refused | undefined {
  const { open, field } = guard;
  if (open === undefined) return undefined;
  const by = open.byField === undefined ? undefined : holderOf(values, open.byField);
  const at = open.atField === undefined ? undefined : valueOf(values, open.atField);
  const from = valueOf(values, field);
  if (open.rule === 'newer' && !isEmpty(at) && timeOf(at) === undefined) {
    return unknown(
      guard,
      from,
      `The record's ${open.atField ?? ''} holds ${shown(at)}, which is no time, so it cannot be told whether an operator has it open. Choose a field with a date and time under Opened at field of transition-guard.`,
    );
  }
  if (!isOpen(open, { by, at, now })) return undefined;
  return {
    refusal: { reason: 'busy', from, to: guard.to, ...who(by, at) },
    code: 'RECORD_OPEN',
    message: `The record is open in a terminal${isEmpty(by) ? '' : `, by ${shown(by)}`}${isEmpty(at) ? '' : `, since ${shown(at)}`}. Send the update again when it is closed.`,
  };
}

/** Some records have a flag instead of a name: false is nobody. */
function holderOf(values: Fields, field: string): unknown {
  const by = valueOf(values, field);
  return by === false ? undefined : by;
}

interface Opening {
  readonly by: unknown;
  readonly at: unknown;
  readonly now: number;
}

function isOpen({ rule, ours, minutes = 0 }: OpenRule, { by, at, now }: Opening): boolean {
  switch (rule) {
    case 'any':
      return !isEmpty(by);
    case 'other':
      return !isEmpty(by) && !isOurs(by, ours);
    case 'newer':
      // A time in the future is a clock that runs ahead: somebody has just opened it.
      return (timeOf(at) ?? -Infinity) > now - minutes * MS_PER_MINUTE;
  }
}

/** The dialog holds text, whatever the record spells it as. */
function isOurs(by: unknown, ours: string | undefined): boolean {
  return by === ours || (typeof by === 'number' && String(by) === ours);
}

function who(by: unknown, at: unknown): Pick<Refusal, 'openedBy' | 'openedAt'> {
  return {
    ...(isEmpty(by) ? {} : { openedBy: by }),
    ...(isEmpty(at) ? {} : { openedAt: at }),
  };
}
