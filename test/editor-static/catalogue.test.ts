import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { REFUSAL_REASONS } from '../../lib/lifecycle/refusal';
import { catalogue, formTemplate } from '../../scripts/editor-html.mjs';
import { flatten, LANGUAGES, ROOT, scripts, TYPES } from './package-parts';

/** Keys named in a form: `data-i18n="a.b"` and `data-i18n="[placeholder]a.b;[title]c.d"`. */
function formKeys(form: string): string[] {
  return [...form.matchAll(/data-i18n="([^"]+)"/g)]
    .flatMap(match => (match[1] ?? '').split(';'))
    .map(part => part.replace(/^\[[^\]]+\]/, ''))
    .filter(key => !key.startsWith('node-red:'));
}

/** Keys named in code: every quoted text that looks like one, since labels travel as arguments. */
function codeKeys(code: string): string[] {
  const groups = 'label|placeholder|tip|status|errors|port|option|button';
  const quoted = new RegExp(`['"]((?:shared|[a-z]+-[a-z]+)\\.(?:${groups})\\.[a-z-]+)['"]`, 'g');
  return [...code.matchAll(quoted)].map(match => match[1] ?? '');
}

/** Keys that code puts together; each pattern with all values it can take. */
const COMPOSED: Record<string, readonly string[]> = {
  'conditional-update': ['decimal', 'integer', 'date', 'date-time', 'guid', 'lookup', 'text'].map(
    type => `conditional-update.option.type-${type}`,
  ),
  'record-lock': ['record-lock.label.summary-acquire', 'record-lock.label.summary-release'],
  'record-store': ['record-store.label.summary-file', 'record-store.label.summary-memory'],
  'event-dedupe': ['check', 'check-confirm', 'confirm', 'forget'].map(
    action => `event-dedupe.label.summary-${action}`,
  ),
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
    'degraded',
    'error',
  ],
  'transition-guard': ['allowed', 'steps', 'retry', 'table', 'error', ...REFUSAL_REASONS],
};

/** The literal statuses in the runtime half of one type. */
function statusCalls(type: string): string[] {
  const calls = /(?:working|waiting|done|notDone)\('([a-z-]+)'\)/g;
  return [...scripts(type).matchAll(calls)].map(match => match[1] ?? '');
}

describe.each(TYPES)('catalogue of %s', type => {
  it('has every text that form and code ask for', async () => {
    const keys = flatten(await catalogue(ROOT, 'en-US', type));
    const form = formKeys(await formTemplate(ROOT, type));
    const code = codeKeys(scripts(type));
    const wanted = [...form, ...code, ...(COMPOSED[type] ?? [])];
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter(key => !keys.has(key))).toEqual([]);
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
    const english = flatten(await catalogue(ROOT, 'en-US', type));
    const german = flatten(await catalogue(ROOT, 'de', type));
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of english) {
      expect(variables(german.get(key) ?? ''), key).toEqual(variables(text));
    }
  });

  it('has no text that nothing asks for', async () => {
    const asked = new Set([
      ...formKeys(await formTemplate(ROOT, type)),
      ...codeKeys(scripts(type)),
      ...(COMPOSED[type] ?? []),
      ...(STATUS[type] ?? []).map(status => `${type}.status.${status}`),
    ]);
    const own = [...flatten(await catalogue(ROOT, 'en-US', type)).keys()].filter(key =>
      key.startsWith(`${type}.`),
    );
    expect(own.filter(key => !asked.has(key))).toEqual([]);
  });
});

function variables(text: string): string[] {
  return [...text.matchAll(/__[a-z]+__/g)].map(match => match[0]).sort();
}
