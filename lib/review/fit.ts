import type { DeadLetter, LeftOut } from './dead-letter';
import { written } from './codec';
import { MOST_LEFT_OUT } from './original';
import type { Fields } from '../record/fields';

/** As `leftOut` names the changes. */
export const CHANGES = 'changes';

/** An entry with its text, of which an entry may have so many bytes. */
export interface Fitted {
  readonly entry: DeadLetter;
  readonly text: string;
}

/**
 * The entry, and where it is larger than its budget, without its largest members: it says which. The message goes first,
 * then what is known only for comparison, and the changes last.
 * @param bytes as UTF-8
 */
export function fitted(entry: DeadLetter, bytes: number): Fitted {
  let fit: Fitted = { entry, text: written(entry) };
  if (fits(fit.text, bytes)) return fit;
  for (const smaller of reductions(entry, () => fit.entry)) {
    fit = { entry: smaller, text: written(smaller) };
    if (fits(fit.text, bytes)) return fit;
  }
  return fit;
}

function fits(text: string, bytes: number): boolean {
  return text.length <= bytes && Buffer.byteLength(text) <= bytes;
}

/** Each smaller than the one before. */
function* reductions(first: DeadLetter, latest: () => DeadLetter): Generator<DeadLetter> {
  for (const name of largest(first.message)) {
    const { message } = latest();
    yield without(latest(), { message: withoutName(message, name) }, `msg.${name}`);
  }
  yield { ...latest(), history: latest().history.map(({ showed: _showed, ...event }) => event) };
  const { evidence, changes = {} } = latest();
  if (evidence.base !== undefined) {
    const { snapshot } = evidence.base;
    const names = [...Object.keys(changes), ...first.fields.map(({ name }) => name)];
    const values = Object.fromEntries(
      Object.entries(snapshot.values).filter(([name]) => names.includes(name)),
    );
    yield {
      ...latest(),
      evidence: { ...evidence, base: { ...evidence.base, snapshot: { ...snapshot, values } } },
    };
  }
  for (const index of largestFields(first)) {
    const { fields } = latest();
    const name = fields[index]?.name ?? '';
    const emptied = fields.map((field, n) =>
      n === index ? { ...field, base: undefined, ours: undefined, theirs: undefined } : field,
    );
    yield without(latest(), { fields: emptied }, `fields.${name}`);
  }
  const { pending } = latest().evidence;
  yield without(latest(), { evidence: pending === undefined ? {} : { pending } }, 'base');
  yield without(latest(), { changes: undefined }, CHANGES);
  yield without(latest(), { evidence: {} }, 'pending');
  yield without(latest(), { fields: [], history: latest().history.slice(-1), trace: {} }, 'fields');
}

function without(entry: DeadLetter, rest: Partial<DeadLetter>, path: string): DeadLetter {
  const leftOut: LeftOut[] = [...entry.leftOut.slice(0, MOST_LEFT_OUT - 1), { path, why: 'size' }];
  return { ...entry, ...rest, leftOut };
}

function withoutName(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
}

/** Names by the size of what they hold, the largest first; `_msgid` stays. */
function largest(fields: Fields): string[] {
  const names = Object.keys(fields).filter(name => name !== '_msgid');
  return bySize(names.map(name => [name, fields[name]] as const));
}

function largestFields({ fields }: DeadLetter): number[] {
  return bySize(fields.map((field, index) => [index, field] as const));
}

function bySize<Name>(members: readonly (readonly [Name, unknown])[]): Name[] {
  const sized = members.map(([name, value]) => [name, sizeOf(value)] as const);
  return sized.sort(([, one], [, other]) => other - one).map(([name]) => name);
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length;
}
