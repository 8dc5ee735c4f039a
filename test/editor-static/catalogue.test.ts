import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MACHINE_FAULTS } from '../../lib/lifecycle/check-machine';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { REFUSAL_REASONS } from '../../lib/lifecycle/guard';
import { RECIPES } from '../../nodes/record-endpoint/recipes';
import { catalogue, formTemplate } from '../../scripts/editor-html.mjs';
import {
  ENGLISH,
  flatten,
  LANGUAGES,
  ROOT,
  scripts,
  singular,
  source,
  textsOf,
  TYPES,
} from './package-parts';

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
  'record-endpoint': [
    ...Object.keys(RECIPES).map(id => `record-endpoint.tip.recipe-${id}`),
    ...[
      ...['braces', 'placeholder', 'no-key', 'characters', 'steps', 'pairs', 'twice'].map(
        problem => `template-${problem}`,
      ),
      ...['header', 'query', 'body'].map(place => `version-in-${place}`),
      ...['media-type', 'header-frames', 'json-object', 'json-value', 'version-names'],
      ...['named-twice', 'version-back', 'text-record'],
    ].map(problem => `record-endpoint.errors.${problem}`),
    ...[
      ...['collection', 'key', 'method', 'force', 'changes', 'answer', 'etag', 'reads', 'writes'],
    ].map(name => `record-endpoint.label.preview-${name}`),
    'record-endpoint.label.preview',
    ...['announced', 'off', 'not-announced'].map(kind => `record-endpoint.answer.pick-${kind}`),
    ...['page', 'cut', 'unreadable', 'other-version', 'empty'].map(
      why => `record-endpoint.errors.pick-${why}`,
    ),
    ...['checked', 'ignored', 'refused', 'not-taken', 'unproven', 'untried', 'action'].map(
      verdict => `record-endpoint.verdict.${verdict}`,
    ),
  ],
  'conditional-update': [
    ...['decimal', 'integer', 'date', 'date-time', 'guid', 'lookup', 'text', 'code', 'member'].map(
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
    'differs',
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

  it('has a text for every count of its status', async () => {
    const known = new Set([...flatten(await catalogue(ROOT, 'en-US', type)).keys()].map(singular));
    const wanted = (COUNTS[type] ?? []).map(name => `${type}.status.count-${name}`);
    expect(wanted.filter(key => !known.has(key))).toEqual([]);
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

/** The engine itself speaks English; the dialogs say what it says in the words of their language. */
describe('what the engine says in a dialog', () => {
  const saidIn = (language: string, file: string): string[] =>
    [...textsOf(language, file).keys()].filter(key => key.startsWith(ENGINE)).sort();
  const translations = LANGUAGES.filter(language => language !== ENGLISH);

  it.each(translations)('has a sentence for every code in %s', language => {
    const codes = [...engineCodes(), ...CLASSES, ...SYSTEM_CODES];
    expect(codes.length).toBeGreaterThan(60);
    const said = saidIn(language, 'record-endpoint.json');
    const missing = codes.filter(code => !said.includes(ENGINE + code));
    expect(missing.filter(code => !ONLY_NODES.includes(code))).toEqual([]);
  });

  it.each(translations)('is the same in %s as in any other language', language => {
    for (const file of ['record-endpoint.json', 'record-store.json']) {
      expect(saidIn(language, file)).toEqual(saidIn('de', file));
      expect(saidIn(language, file).length).toBeGreaterThan(10);
    }
  });

  it.each(translations)('is filled in with nothing but the sentence itself in %s', language => {
    for (const file of ['record-endpoint.json', 'record-store.json']) {
      const texts = textsOf(language, file);
      for (const key of saidIn(language, file)) {
        const names = texts.get(key)?.match(/__[a-z]+__/g) ?? [];
        expect(names.filter(name => name !== '__message__')).toEqual([]);
      }
    }
  });

  it('stands in no English catalogue', () => {
    expect(saidIn(ENGLISH, 'record-endpoint.json')).toEqual([]);
    expect(saidIn(ENGLISH, 'record-store.json')).toEqual([]);
  });
});

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
