import { stringifyExact } from '../../lib/record/json';
import {
  REVIEW_ACTIONS,
  type DeadLetter,
  type ReviewField,
  type StoredDeadLetter,
} from '../../lib/review/dead-letter';
import type { ActResult, RefusedAct, ReviewLook } from '../../lib/review/desk';
import { asksFirst } from '../../lib/review/heads';
import type { ActFace, EntryFace, FieldFace, LookFace, RefusedFace, StoredFace } from './shapes';

/** An entry with every value as JSON text. The message stays behind: what the sidebar needs of it is in the fields. */
export function storedFace({ entry, revision }: StoredDeadLetter): StoredFace {
  const asksFirstFor = REVIEW_ACTIONS.filter(action => asksFirst(entry, action));
  return { entry: entryFace(entry), revision, asksFirst: asksFirstFor };
}

function entryFace({ message: _message, ...entry }: DeadLetter): EntryFace {
  const { fields, changes, history } = entry;
  return {
    ...entry,
    fields: fields.map(fieldFace),
    changes: changes && Object.fromEntries(Object.entries(changes).map(asJson)),
    history: history.map(({ showed, ...event }) =>
      showed === undefined ? event : { ...event, showed: stringifyExact(showed) },
    ),
  };
}

function asJson([name, value]: [string, unknown]): [string, string] {
  return [name, jsonText(value) ?? 'null'];
}

function fieldFace({ base, ours, theirs, ...field }: ReviewField): FieldFace {
  const values = Object.entries({ base, ours, theirs }).flatMap(([name, value]) => {
    const text = jsonText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { ...field, ...Object.fromEntries(values) };
}

/** Undefined: not known. */
export function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : stringifyExact(value);
}

export function lookFace(look: ReviewLook | RefusedAct): LookFace {
  if (look.kind === 'refused') return refusedFace(look);
  if (look.kind !== 'seen') return look;
  const { is, fields, shown } = look;
  return {
    kind: 'seen',
    is,
    fields: fields.map(fieldFace),
    shown: stringifyExact(shown),
    readAt: shown.readAt,
  };
}

export function actFace(result: ActResult): ActFace {
  if (result.kind === 'refused') return refusedFace(result);
  const { kind, now, update } = result;
  return {
    kind,
    now: storedFace(now),
    ...(update === undefined ? {} : { outcome: update.outcome }),
    ...(update?.error === undefined ? {} : { error: update.error }),
  };
}

function refusedFace({ now, ...refused }: RefusedAct): RefusedFace {
  return { ...refused, now: now && storedFace(now) };
}
