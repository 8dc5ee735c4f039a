import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MACHINE_FAULTS } from '../../lib/lifecycle/check-machine';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { REFUSAL_REASONS } from '../../lib/lifecycle/guard';
import { catalogue, formTemplate } from '../../scripts/editor-html.mjs';
import { flatten, LANGUAGES, ROOT, scripts, source, TYPES } from './package-parts';

/** What Node-RED appends to a key by its count; each language has the forms that its grammar has. */
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

/** Keys named in a form: `data-i18n="a.b"` and `data-i18n="[placeholder]a.b;[title]c.d"`. */
function formKeys(form: string): string[] {
  return [...form.matchAll(/data-i18n="([^"]+)"/g)]
    .flatMap(match => (match[1] ?? '').split(';'))
    .map(part => part.replace(/^\[[^\]]+\]/, ''))
    .filter(key => !key.startsWith('node-red:'));
}

/** Keys named in code: every quoted text that looks like one, since labels travel as arguments. */
function codeKeys(code: string): string[] {
  const groups = 'label|placeholder|tip|status|errors|port|option|button|answer|warn|log';
  const quoted = new RegExp(`['"]((?:shared|[a-z]+-[a-z]+)\\.(?:${groups})\\.[a-z-]+)['"]`, 'g');
  return [...code.matchAll(quoted)].map(match => match[1] ?? '');
}

/** Keys that code puts together; each pattern with all values it can take. */
const COMPOSED: Record<string, readonly string[]> = {
  'conditional-update': [
    ...['decimal', 'integer', 'date', 'date-time', 'guid', 'lookup', 'text', 'code'].map(
      type => `shared.option.type-${type}`,
    ),
    ...['add', 'record'].map(type => `conditional-update.option.value-${type}`),
  ],
  'record-lock': ['record-lock.label.summary-acquire', 'record-lock.label.summary-release'],
  'record-store': [
    'record-store.label.summary-file',
    'record-store.label.summary-memory',
    'record-store.label.summary-redis',
    ...[
      'truncated',
      'damaged',
      'foreign-start',
      'empty',
      'altered',
      'foreign-kind',
      'foreign-version',
      'unwritable',
      'in-use',
      'in-use-unnamed',
      'unshrinkable',
      'full',
      'no-user-dir',
      'evicts',
      'forgets',
    ].map(text => `record-store.warn.${text}`),
  ],
  'transition-guard': Object.keys(MACHINE_FAULTS).map(kind => `transition-guard.fault.${kind}`),
  'event-dedupe': ['check', 'check-confirm', 'confirm', 'forget'].map(
    action => `event-dedupe.label.summary-${action}`,
  ),
  'update-queue': [
    ...['queue', 'settle'].map(action => `update-queue.label.summary-${action}`),
    ...['never', 'none'].map(type => `update-queue.option.type-${type}`),
  ],
  'dead-letter': ['replayed', 'settled', 'answers'].map(port => `dead-letter.port.${port}`),
};

/** What the status of a burst counts, put together in nodes/shared/status.ts. */
const COUNTS: Record<string, readonly string[]> = {
  'etag-fetch': ['done', 'waiting', 'other'],
  'conditional-update': ['done', 'waiting', 'conflict', 'retry', 'other'],
};

/** Status texts that the runtime half shows, put together in nodes/shared/status.ts. */
const STATUS: Record<string, readonly string[]> = {
  'etag-fetch': ['reading', 'waiting', 'throttled', 'limited', 'read', 'not-read', 'error'],
  'conditional-update': [
    'reading',
    'writing',
    'waiting',
    'queued',
    'throttled',
    'limited',
    'stopped',
    'error',
    ...OUTCOMES,
  ],
  'bulk-update': ['stopped', 'error'],
  'conflict-switch': ['error', ...OUTCOMES],
  'backoff-delay': ['waiting', 'given-up', 'reset', 'error'],
  'record-lock': ['waiting', 'acquired', 'not-acquired', 'released', 'expired', 'error'],
  'event-dedupe': [
    'first',
    'duplicate',
    'pending',
    'confirmed',
    'not-saved',
    'late',
    'forgotten',
    'no-claim',
    'in-use',
    'degraded',
    'error',
  ],
  'dead-letter': ['open', 'full', 'empty', 'in-use', 'stopped', 'error'],
  'update-queue': [
    'waiting',
    'in-flight',
    'held',
    'paused',
    'idle',
    'done',
    'again',
    'given-up',
    'superseded',
    'late',
    'in-use',
    'error',
  ],
  'conflict-monitor': ['rate', 'updates', 'alerts', 'error'],
  'transition-guard': ['allowed', 'steps', 'retry', 'table', 'error', ...REFUSAL_REASONS],
};

/** The literal statuses in the runtime half of one type. */
function statusCalls(type: string): string[] {
  const calls = /(?:working|waiting|done|notDone)\('([a-z-]+)'\)/g;
  return [...scripts(type).matchAll(calls)].map(match => match[1] ?? '');
}

/** Sentences of the engine by their codes, in languages other than the engine's own. */
const ENGINE = 'engine.';

/** Codes of Node.js and of the HTTP client. */
const SYSTEM_CODES = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'CERTIFICATE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
];

/** Classes of answers, which are the codes of those without a code of their own. */
const CLASSES = ['NOT_FOUND', 'AUTH', 'FORBIDDEN', 'VALIDATION', 'TRANSIENT', 'UNSUPPORTED'];

/** What only other nodes can come upon: an endpoint that is gone; an action, a whole record or a forced write. */
const ONLY_NODES = [
  'ACTION_INVALID',
  'ACTION_UNKNOWN',
  'BATCH_TOO_LARGE',
  'CHANGES_INVALID',
  'CHANGES_UNMERGEABLE',
  'ENDPOINT_MISSING',
  'FIELDS_HIDDEN',
  'FORCE_REFUSED',
  'FORCE_UNSUPPORTED',
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
  'RECORD_UNREAD',
  'SNAPSHOT_INVALID',
];

describe.each(TYPES)('catalogue of %s', type => {
  it('has every text that form and code ask for', async () => {
    const keys = flatten(await catalogue(ROOT, 'en-US', type));
    const known = new Set([...keys.keys()].map(singular));
    const form = formKeys(await formTemplate(ROOT, type));
    const code = codeKeys(scripts(type));
    const wanted = [...form, ...code, ...(COMPOSED[type] ?? [])];
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter(key => !known.has(key))).toEqual([]);
  });

  it('has a text for every status, short enough to stand below a node', async () => {
    const named = new Set([...(STATUS[type] ?? []), ...statusCalls(type)]);
    for (const language of LANGUAGES) {
      const keys = flatten(await catalogue(ROOT, language, type));
      for (const status of named) {
        const text = keys.get(`${type}.status.${status}`) ?? '';
        expect(text, `${language} ${status}`).not.toBe('');
        const shown = text.replaceAll(/__[a-z]+__/g, '50');
        expect(shown.length, `${language} ${status}`).toBeLessThanOrEqual(20);
      }
    }
  });

  it('has the same keys with the same variables in every language', async () => {
    const english = variablesOf(flatten(await catalogue(ROOT, 'en-US', type)));
    for (const language of LANGUAGES) {
      expect(variablesOf(flatten(await catalogue(ROOT, language, type))), language).toEqual(
        english,
      );
    }
  });

  it('has a text for every count of its status', async () => {
    const known = new Set([...flatten(await catalogue(ROOT, 'en-US', type)).keys()].map(singular));
    const wanted = (COUNTS[type] ?? []).map(name => `${type}.status.count-${name}`);
    expect(wanted.filter(key => !known.has(key))).toEqual([]);
  });

  it('has every plural form of the language, and none that it has not', async () => {
    for (const language of LANGUAGES) {
      const keys = [...flatten(await catalogue(ROOT, language, type)).keys()];
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const counted = new Set(keys.filter(key => PLURAL.test(key)).map(singular));
      for (const key of counted) {
        const there = keys.filter(other => singular(other) === key).sort();
        expect(there, `${language} ${key}`).toEqual(forms.map(form => `${key}_${form}`).sort());
      }
    }
  });

  it('counts only with plural forms', async () => {
    for (const language of LANGUAGES) {
      const texts = flatten(await catalogue(ROOT, language, type));
      const uncounted = [...texts].filter(([key, text]) => {
        return text.includes('__count__') && !PLURAL.test(key);
      });
      expect(uncounted, language).toEqual([]);
    }
  });

  it('has no text that nothing asks for', async () => {
    const asked = new Set([
      ...formKeys(await formTemplate(ROOT, type)),
      ...codeKeys(scripts(type)),
      ...(COMPOSED[type] ?? []),
      ...(STATUS[type] ?? []).map(status => `${type}.status.${status}`),
      ...(COUNTS[type] ?? []).map(name => `${type}.status.count-${name}`),
    ]);
    const own = [...flatten(await catalogue(ROOT, 'en-US', type)).keys()].filter(key =>
      key.startsWith(`${type}.`),
    );
    expect(own.filter(key => !asked.has(singular(key)))).toEqual([]);
  });
});

describe('what the engine says in a test of the connection', async () => {
  const german = flatten(await catalogue(ROOT, 'de', 'record-endpoint'));
  const said = [...german.keys()].filter(key => key.startsWith(ENGINE));

  it('has a German sentence for every code', () => {
    const codes = [...engineCodes(), ...CLASSES, ...SYSTEM_CODES];
    expect(codes.length).toBeGreaterThan(60);
    const missing = codes.filter(code => !said.includes(ENGINE + code));
    expect(missing.filter(code => !ONLY_NODES.includes(code))).toEqual([]);
  });

  it('fills in nothing but the sentence itself, where the API may be quoted in it', () => {
    for (const key of said) {
      expect(variables(german.get(key) ?? '').filter(name => name !== '__message__')).toEqual([]);
    }
  });

  it('stands in no English catalogue, for the engine speaks English', async () => {
    const english = flatten(await catalogue(ROOT, 'en-US', 'record-endpoint'));
    expect([...english.keys()].filter(key => key.startsWith(ENGINE))).toEqual([]);
  });
});

/** A key without its plural form. */
function singular(key: string): string {
  return key.replace(PLURAL, '');
}

/** Variables by key; those of all plural forms together, for one of them may do without the count. */
function variablesOf(texts: ReadonlyMap<string, string>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [key, text] of texts) {
    if (key.startsWith(ENGINE)) continue;
    const name = singular(key);
    found[name] = [...new Set([...(found[name] ?? []), ...variables(text)])].sort();
  }
  return found;
}

/** The codes of everything that reading a record, and writing one of its fields, can come upon. */
function engineCodes(): string[] {
  const files = [
    ...['lib/api', 'lib/record', 'lib/retry', 'lib/transport', 'nodes/record-endpoint'].flatMap(
      filesBelow,
    ),
    'lib/outcome/rows.ts',
    'lib/outcome/classify.ts',
    'lib/update/perform.ts',
  ];
  const given =
    /(?:InputError\(\s*|\bcode: |unusable\(|unsupported\(\s*\d{3},\s*)'([A-Z][A-Z_]+)'/g;
  return files.flatMap(file => [...source(file).matchAll(given)].map(match => match[1] ?? ''));
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name));
}

function variables(text: string): string[] {
  return [...text.matchAll(/__[a-z]+__/g)].map(match => match[0]).sort();
}
