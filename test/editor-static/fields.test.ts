import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFamily } from '../../lib/api/families';
import { FAMILY_IDS } from '../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../lib/api/settings';
import { InputError } from '../../lib/errors';
import { parseBaseUrl } from '../../lib/record/url';
import { parsePeakHours } from '../../lib/retry/peak';
import { isHeaderName } from '../../lib/transport/headers';
import { FIELD_TYPE_ROW } from '../../nodes/shared/update-fields';
import { BULK_INPUTS } from '../../nodes/record-endpoint/bulk-fields';
import { ENDPOINT_FIELDS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Translate } from '../../nodes/shared/checks';
import { parseConditions } from '../../nodes/shared/conditions';
import { validators } from '../../nodes/shared/editor/validate';
import type { Field, Fields } from '../../nodes/shared/fields';
import { settingsOf } from '../../nodes/shared/settings';
import { catalogue, formTemplate } from '../../scripts/editor-html.mjs';
import { FIELD_TABLES } from '../support/field-tables';
import { flatten, LANGUAGES, ROOT, TYPES } from './package-parts';

const TABLES: Readonly<Record<string, Fields>> = {
  ...FIELD_TABLES,
  'record-endpoint: many records': BULK_INPUTS,
  'conditional-update: a row of "Compare as"': FIELD_TYPE_ROW,
};

type Values = Record<string, unknown>;

/** What each kind takes, and what it does not, besides the bounds of numbers. */
const SAMPLES: Partial<Record<Field['kind'], { good: unknown[]; bad: unknown[] }>> = {
  number: { good: [], bad: ['many', 'NaN', 'Infinity', true, [], '1,5', '$RETRIES'] },
  numbers: { good: [], bad: ['a', '1;2', '1 2', '-1', '${A},1'] },
  'base-url': {
    good: ['https://api.example/v1', ' http://127.0.0.1:8080 '],
    bad: [
      '',
      'api.example',
      'ftp://a',
      'https://u:p@a',
      'https://a/?',
      'https://a/#x',
      'http://a b',
    ],
  },
  url: { good: ['https://login.example/t?v=1'], bad: ['', 'login.example', 'ftp://a'] },
  header: { good: ['X-Test', ' X-Test '], bad: ['X Test', 'X-Test: 1', 'Größe'] },
  headers: {
    good: ['', 'X-Test: 1', 'x-test:1\n\n Accept: application/json;odata=verbose '],
    bad: ['X-Test', 'X Test: 1', 'X-Test:', ': 1', 'X-Test: Größe', 'X-Test: 1\nmore'],
  },
  query: { good: ['sap-client=100', 'a=1&b=%20'], bad: ['?a=1', 'a', 'a=1#', 'ä=1', 'a=%'] },
  parameter: { good: ['$expand', 'api_key'], bad: ['fields=', 'a b'] },
  time: { good: ['0:00', '23:59'], bad: ['', '24:00', '12:60', 'noon'] },
  days: { good: ['0', '0, 6'], bad: ['', '7', '1,', 'Mon'] },
  'time-zone': { good: ['', 'Europe/Berlin'], bad: ['Berlin time'] },
};

interface Case {
  readonly fields: Fields;
  readonly name: string;
  readonly field: Field & { readonly label: string };
  /** Values with which the field counts. */
  readonly values: Values;
}

const CASES = Object.entries(TABLES).flatMap(([type, fields]) =>
  Object.entries(fields).flatMap(([name, field]) =>
    field.label === undefined ? [] : [{ ...caseOf(fields, name, field), type, label: field.label }],
  ),
);
const CHECKED = CASES.filter(
  ({ field }) => field.kind in SAMPLES || (field.kind === 'text' && field.required !== undefined),
);

function caseOf(fields: Fields, name: string, field: Field): Case {
  const required = typeof field.required === 'string' ? [field.required] : [];
  const conditions = [field.when, ...required].flatMap(text =>
    text === undefined ? [] : parseConditions(text),
  );
  const values: Values = {};
  for (const { name: other, values: wanted, negated } of conditions) {
    values[other] = typed(fields[other], negated ? another(fields[other], wanted) : wanted[0]);
  }
  return { fields, name, field: field as Case['field'], values };
}

/** A choice that is none of those. */
function another(field: Field | undefined, unwanted: readonly string[]): string {
  const options = field?.kind === 'choice' ? field.options : ['1'];
  return options.find(option => !unwanted.includes(option)) ?? '';
}

function typed(field: Field | undefined, value: string | undefined): unknown {
  return field?.kind === 'flag' ? value === 'true' : value;
}

/** What the editor half says about a value, in a language: true or a sentence. */
function edited({ fields, name, values }: Case, value: unknown, t: Translate): unknown {
  const validate = validators(t, fields)[name];
  const node = { id: 'node', ...values, [name]: value };
  return validate?.call(node, value, {});
}

/** What the runtime makes of it: true, or the error. */
function ran({ fields, name, field, values }: Case, value: unknown): unknown {
  const read = settingsOf(fields, { ...values, [name]: value });
  try {
    if (field.kind === 'number') read[field.blank === true ? 'optional' : 'number'](name as never);
    else if (field.kind === 'numbers') read.numbers(name as never);
    else read.text(name as never);
    return true;
  } catch (error) {
    return error;
  }
}

const texts = Object.fromEntries(
  await Promise.all(
    LANGUAGES.map(async language => {
      const all = await Promise.all(TYPES.map(type => catalogue(ROOT, language, type)));
      return [language, new Map(all.flatMap(one => [...flatten(one)]))] as const;
    }),
  ),
);

const translator =
  (language: string): Translate =>
  (key, values = {}) => {
    const text = texts[language]?.get(key) ?? `no text ${key}`;
    return text.replace(/__(\w+?)__/g, (_, name: string) => String(values[name]));
  };

/** The dialog is not open: the stored values count. */
beforeAll(() => {
  vi.stubGlobal('document', { querySelectorAll: () => [] });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

function expectTaken(one: Case, value: unknown): void {
  for (const language of LANGUAGES) {
    expect(edited(one, value, translator(language)), `editor: ${String(value)}`).toBe(true);
  }
  expect(ran(one, value), `runtime: ${String(value)}`).toBe(true);
}

/** Both refuse it, in words that name the label and, for a number, its range. */
function expectRefused(one: Case, value: unknown): void {
  const { field } = one;
  for (const language of LANGUAGES) {
    const t = translator(language);
    const said = String(edited(one, value, t));
    expect(said, `${language}: ${String(value)}`).toContain(t(field.label));
    expect(said).not.toMatch(/no text|__|undefined/);
    if (field.kind === 'number') expect(said).toMatch(rangeOf(field));
  }
  const error = ran(one, value);
  expect(error, `runtime: ${String(value)}`).toBeInstanceOf(InputError);
  const { message, code } = error as InputError;
  // The sentence of the dialog itself, and the fix.
  expect(message).toContain(String(edited(one, value, translator('en-US'))));
  expect(message).toContain('Correct it in the dialog.');
  expect(code).toMatch(/^[A-Z_]+$/);
}

function rangeOf({ min, max }: { readonly min: number; readonly max: number }): RegExp {
  return new RegExp(`\\b${min}\\b.*\\b${max}\\b`);
}

describe.each(CHECKED)('$type: $name', one => {
  const { fields, name, field, values } = one;

  it('starts with a value that fits, or one to fill in', () => {
    const isToFillIn =
      field.value === '' && (field.required !== undefined || field.kind.includes('url'));
    if (isToFillIn) expectRefused(one, '');
    else expectTaken(one, field.value);
  });

  it('takes and refuses the same in both halves', () => {
    const { good, bad } = SAMPLES[field.kind] ?? { good: ['any'], bad: ['', '  '] };
    for (const value of good) expectTaken(one, value);
    for (const value of bad) expectRefused(one, value);
    for (const value of ['', ' ']) {
      if (field.required !== undefined) expectRefused(one, value);
      else if (field.kind === 'parameter') expectTaken(one, value);
    }
  });

  it('keeps to its bounds in both halves', () => {
    if (field.kind !== 'number' && field.kind !== 'numbers') return;
    const { min, max, whole, blank } = field;
    const step = whole === true ? 1 : 0.001;
    for (const value of [min, max, String(min), ` ${max} `]) expectTaken(one, text(field, value));
    for (const value of [min - step, max + step]) expectRefused(one, text(field, value));
    if (whole === true) expectRefused(one, text(field, min + 0.5));
    if (blank === true) expectTaken(one, '');
    else expectRefused(one, '');
    if (field.kind === 'numbers') {
      for (const value of field.except ?? []) expectRefused(one, `409, ${value}`);
      const gap = `${min},,${max},`;
      if (blank === true) expectTaken(one, gap);
      else expectRefused(one, gap);
    }
  });

  it('may be an environment variable, which at run time must be set', () => {
    if (field.kind === 'text') return;
    const said = edited(one, '${NOT_SET}', translator('en-US'));
    expect(said).toBe(true);
    expect(ran(one, '${NOT_SET}')).toBeInstanceOf(InputError);
  });

  it('is not looked at where it does not count, and its default holds', () => {
    const [condition] = field.when === undefined ? [] : parseConditions(field.when);
    if (condition === undefined) return;
    const { name: other, values: wanted, negated } = condition;
    const off = typed(fields[other], negated ? wanted[0] : another(fields[other], wanted));
    expectTaken({ ...one, values: { ...values, [other]: off } }, 'anything, "even" this');
  });

  it('is missing in a flow of an earlier version, and its default holds', () => {
    for (const missing of [undefined, null]) {
      expect(edited(one, missing, translator('en-US'))).toBe(true);
      if (field.value !== '') expect(ran(one, missing), name).toBe(true);
    }
  });
});

function text({ kind }: Field, value: number | string): number | string {
  return kind === 'numbers' ? String(value) : value;
}

it.each(CASES)('$type: $name has a label in every language, with its unit', ({ field, label }) => {
  for (const language of LANGUAGES) {
    const shown = texts[language]?.get(label) ?? '';
    expect(shown, language).not.toBe('');
    const unit = field.kind === 'number' || field.kind === 'numbers' ? field.unit : undefined;
    // Minutes are written out.
    if (unit !== undefined && unit !== 'min') expect(shown, language).toContain(`(${unit})`);
  }
});

it.each(TYPES)('the choices of %s in its form are those of its table', async type => {
  const form = (await formTemplate(ROOT, type)).replace(/\s+/g, ' ');
  for (const [name, field] of Object.entries(TABLES[type] ?? {})) {
    const select = new RegExp(`<select id="[a-z-]+-${name}">(.*?)</select>`).exec(form)?.[1];
    if (field.kind !== 'choice' || select === undefined) continue;
    const offered = [...select.matchAll(/<option value="([^"]*)"/g)].map(match => match[1]);
    expect(offered, name).toEqual([...field.options]);
  }
});

it('the endpoint offers every API family', () => {
  expect([...ENDPOINT_FIELDS.family.options].sort()).toEqual([...FAMILY_IDS].sort());
});

/** The engine looks at its settings itself: whatever calls it must not get past. It must not differ from the dialog. */
describe('the endpoint refuses what the engine refuses, and nothing else', () => {
  const isTaken = (name: string, config: Partial<RecordEndpointConfig>): boolean => {
    const values: Values = { ...config };
    const field = ENDPOINT_FIELDS[name as keyof typeof ENDPOINT_FIELDS] as Case['field'];
    const one = { fields: ENDPOINT_FIELDS, name, field, values };
    return edited(one, values[name], translator('en-US')) === true;
  };
  const works = (make: () => unknown): boolean => {
    try {
      make();
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  };
  const family = (id: RecordEndpointConfig['family'], settings: Partial<ApiSettings>) => () =>
    createFamily(id, { ...DEFAULT_API_SETTINGS, ...settings });
  const near = (...parts: string[]): fc.Arbitrary<string> =>
    fc
      .array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 2, unit: 'grapheme' })), {
        maxLength: 8,
      })
      .map(all => all.join(''));

  it.each(FAMILY_IDS)('queries of %s', id => {
    const part = near(
      'a',
      '=',
      '&',
      '%20',
      '%',
      '$select',
      'cross-company',
      '?',
      '/',
      'fields',
      '1',
    );
    fc.assert(
      fc.property(part, fc.boolean(), (query, crossCompany) => {
        fc.pre(!/^\$\{.*\}$/.test(query.trim()));
        const settings = { query: query.trim(), crossCompany, fieldsParameter: 'fields' };
        const config = { ...settings, family: id };
        expect(isTaken('query', config)).toBe(works(family(id, settings)));
      }),
    );
  });

  it('statuses, headers and parameters of the generic family', () => {
    for (let status = 400; status < 500; status++) {
      const config = { family: 'rest', conflictStatuses: String(status) } as const;
      const made = works(family('rest', { conflictStatuses: [status] }));
      expect(isTaken('conflictStatuses', config), String(status)).toBe(made);
    }
    fc.assert(
      fc.property(near('X-', 'a', ':', '$', '.', '~'), raw => {
        const name = raw.trim();
        fc.pre(!/^\$\{.*\}$/.test(name));
        expect(isTaken('cacheHeader', { family: 'rest', cacheHeader: name })).toBe(
          works(family('rest', { cacheHeader: name })),
        );
        expect(isTaken('fieldsParameter', { family: 'rest', fieldsParameter: name })).toBe(
          works(family('rest', { fieldsParameter: name })),
        );
        const signIn = { server: 'url', auth: 'api-key', apiKeyHeader: name } as const;
        expect(isTaken('apiKeyHeader', signIn)).toBe(isHeaderName(name));
      }),
    );
  });

  it.each(['etag', 'field', 'last-modified'] as const)(
    'contradictions, version: %s',
    versionFrom => {
      for (const versionTo of ['header', 'field'] as const) {
        for (const unmodifiedSince of [true, false]) {
          for (const versionField of [
            '',
            ' , ',
            'v',
            '@odata.etag',
            'd.__metadata.etag',
            'v, @a',
          ]) {
            const config = {
              family: 'rest',
              versionFrom,
              versionTo,
              versionField,
              unmodifiedSince,
            } as const;
            const names = ['versionField', 'versionTo', 'unmodifiedSince'];
            const taken = names.every(name => isTaken(name, config));
            expect(taken, JSON.stringify(config)).toBe(works(family('rest', config)));
          }
        }
      }
    },
  );

  it('base addresses and peak hours', () => {
    const part = near('http', 's', '://', 'a', '/', '?', '#', '@', ':', '\\', ' ', '8');
    fc.assert(
      fc.property(part, baseUrl => {
        fc.pre(!/^\$\{.*\}$/.test(baseUrl));
        const config = { server: 'url', baseUrl } as const;
        expect(isTaken('baseUrl', config)).toBe(works(() => parseBaseUrl(baseUrl)));
      }),
    );
    fc.assert(
      fc.property(near('1', ':', '0', '2', ',', ' ', '6', '7'), value => {
        fc.pre(!/^\$\{.*\}$/.test(value));
        const hours = { from: '14:00', to: '17:00', days: '1', zone: '' };
        const from = works(() => parsePeakHours({ ...hours, from: value }));
        expect(isTaken('peakFrom', { peak: true, peakFrom: value })).toBe(from);
        const days = works(() => parsePeakHours({ ...hours, days: value }));
        expect(isTaken('peakDays', { peak: true, peakDays: value })).toBe(days);
      }),
    );
  });
});
