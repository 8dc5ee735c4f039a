import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { REVIEW_ACTIONS } from '../../lib/review/dead-letter';
import { pluginHtml } from '../../scripts/editor-html.mjs';
import { editorResources } from '../../scripts/editor-resources.mjs';
import { ENGLISH, ROOT, singular, textsOf } from './package-parts';

const NAME = 'conflicts-sidebar';
const REASONS = [...OUTCOMES, 'error'];

/** Keys that code puts together; each pattern with all values it can take. */
const COMPOSED: readonly string[] = [
  ...REASONS.flatMap(reason => [`option.reason-${reason}`, `answer.why-${reason}`]),
  ...[...REVIEW_ACTIONS, 'expire'].map(action => `option.action-${action}`),
  ...REVIEW_ACTIONS.flatMap(action => [`button.${action}`, `tip.${action}`]),
  ...['same', 'changed', 'settled'].map(state => `answer.${state}`),
  ...['hour', 'day', 'older-day', 'older-week'].map(age => `option.age-${age}`),
  ...['matching', 'settled-meanwhile', 'plan-gone', 'plan-unread', 'staying'].map(
    count => `answer.${count}`,
  ),
  ...['none', 'none-found', 'bulk-done', 'bulk-stopped'].map(answer => `answer.${answer}`),
].map(key => `${NAME}.${key}`);

function asked(): string[] {
  const folder = join(ROOT, 'plugins', NAME);
  const code = readdirSync(folder)
    .filter(file => file.endsWith('.editor.ts'))
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const quoted = new RegExp(`'(${NAME}\\.[a-z]+\\.[a-z0-9-]+)'`, 'g');
  return [...[...code.matchAll(quoted)].map(match => match[1] ?? ''), ...COMPOSED];
}

it('the texts of the sidebar are all there, and each is asked for', () => {
  const wanted = new Set(asked());
  const known = new Set([...textsOf(ENGLISH, `${NAME}.json`).keys()].map(singular));
  expect(wanted.size).toBeGreaterThan(100);
  expect([...wanted].filter(key => !known.has(key))).toEqual([]);
  expect([...known].filter(key => !wanted.has(key))).toEqual([]);
});

describe('what every opened editor loads of the sidebar', async () => {
  const html = await pluginHtml(ROOT, NAME);
  const { 'conflicts.js': script = '' } = await editorResources(ROOT);

  it('is its tab only: less than a kilobyte, as a proxy sends it', () => {
    expect(gzipSync(html).length).toBeLessThan(1_000);
    expect(html).toMatch(/^<script type="text\/javascript">/);
    expect(html).toContain('"record-updates-conflicts"');
  });

  it('and no more than 20 kB when the tab is shown', () => {
    expect(gzipSync(script).length).toBeLessThan(20_000);
  });

  it('sets no markup anywhere: a value of a record stays text', () => {
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|\.html\(|document\.write/);
  });
});
