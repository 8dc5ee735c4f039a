import { headerLines } from '../shared/checks';
import { defaultsOf, type Fields } from '../shared/fields';
import { EXCHANGE_INPUTS, type ExchangeInputs } from './exchange-fields';

type Stored = Readonly<Record<string, unknown>>;

/** Where the value of each input lies in the stored description. */
const PLACES: Readonly<Record<keyof ExchangeInputs, string>> = {
  addressTemplate: 'address.template',
  addressOfWrites: 'address.writeTemplate',
  addressKey: 'address.key',
  addressHeaders: 'address.headers',
  accept: 'media.accept',
  contentType: 'media.contentType',
  annotations: 'media.annotations',
  readQuery: 'read.query',
  readRecord: 'read.record',
  updateMethods: 'write.methods',
  wireMethod: 'write.method',
  methodHeader: 'write.methodHeader',
  methodValue: 'write.methodValue',
  writeHeaders: 'write.headers',
  writeQuery: 'write.query',
  writePath: 'write.path',
  writeMembers: 'write.members',
  versionHeader: 'version.header',
  versionMore: 'version.more',
  versionBack: 'version.to',
  versionNames: 'version.names',
  versionSpelling: 'version.spelling',
  versionStep: 'version.step',
  stateStatuses: 'answers.state.statuses',
  stateText: 'answers.state.text',
  againStatuses: 'answers.again.statuses',
  againText: 'answers.again.text',
  throttledStatuses: 'answers.throttled.statuses',
  throttledText: 'answers.throttled.text',
  refusedPath: 'answers.refusedPath',
  refusedValue: 'answers.refusedValue',
  errorMessage: 'answers.errorMessage',
  errorCode: 'answers.errorCode',
};

const NAMES = Object.keys(PLACES) as (keyof ExchangeInputs)[];

/** How a value that is no text is written in its input, and read from it. What does not fit stays as it was typed. */
interface Form {
  readonly shown: (stored: unknown) => unknown;
  readonly stored: (typed: string) => unknown;
}

const TEXT: Form = { shown: value => value, stored: typed => typed };

const LIST: Form = {
  shown: value => (Array.isArray(value) ? value.join(', ') : value),
  stored: typed =>
    typed
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== ''),
};

const NUMBERS: Form = {
  shown: LIST.shown,
  stored: typed =>
    (LIST.stored(typed) as string[]).map(part => (/^\d+$/.test(part) ? Number(part) : part)),
};

const JSON_OBJECT: Form = {
  shown: value => {
    if (!isObject(value)) return value;
    return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
  },
  stored: typed => {
    try {
      const value: unknown = JSON.parse(typed === '' ? '{}' : typed);
      return isObject(value) ? value : typed;
    } catch {
      return typed;
    }
  },
};

const LINES: Form = {
  shown: value =>
    isObject(value)
      ? Object.entries(value)
          .map(([name, text]) => `${name}: ${String(text)}`)
          .join('\n')
      : value,
  stored: typed =>
    typed.split('\n').every(line => line.trim() === '' || /^[^:]+:/.test(line))
      ? Object.fromEntries(headerLines(typed))
      : typed,
};

const FORMS: Partial<Record<keyof ExchangeInputs, Form>> = {
  updateMethods: LIST,
  versionMore: LIST,
  versionNames: LIST,
  stateStatuses: NUMBERS,
  againStatuses: NUMBERS,
  throttledStatuses: NUMBERS,
  writeMembers: JSON_OBJECT,
  addressHeaders: LINES,
  writeHeaders: LINES,
};

/** The inputs of the dialog for a stored description; what that does not say stands at its default. */
export function exchangeInputs(stored: unknown): Record<string, unknown> {
  const inputs: Record<string, unknown> = { ...defaultsOf(EXCHANGE_INPUTS as Fields) };
  for (const name of NAMES) {
    const value = PLACES[name].split('.').reduce<unknown>(member, stored);
    if (value !== undefined) inputs[name] = (FORMS[name] ?? TEXT).shown(value);
  }
  return inputs;
}

/** The description that the inputs stand for, as it is stored: `ExchangeSettings`, if all of them are in order. */
export function exchangeFor(inputs: Readonly<ExchangeInputs>): Stored {
  const exchange: Record<string, unknown> = { v: 1 };
  for (const name of NAMES) {
    const steps = PLACES[name].split('.');
    const last = steps.pop() ?? name;
    let part = exchange;
    for (const step of steps) part = (part[step] ??= {}) as Record<string, unknown>;
    part[last] = (FORMS[name] ?? TEXT).stored(inputs[name].trim());
  }
  return exchange;
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
