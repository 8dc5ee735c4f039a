import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { editorHtml, helpHtml } from '../../scripts/editor-html.mjs';
import { editorResources } from '../../scripts/editor-resources.mjs';
import { LANGUAGES, ROOT, TYPES } from './package-parts';

/** Bytes of gzip, as a proxy in front of Node-RED sends them. */
const OF_ONE_MORE = 5_000;
const LIMIT = 45_000 + (TYPES.length - 9) * OF_ONE_MORE;
/** The helps are texts to read. A letter takes one byte in Latin, two in Cyrillic and three in scripts of East Asia. */
const OF_HELPS = 17_000;
const OF_OTHER_SCRIPTS = 25_000;

const packed = (text: string): number => gzipSync(text, { level: 6 }).length;

/** What every opened editor loads, whether or not a node of the package is in a flow. */
describe('the editor halves of nine nodes weigh no more than 45 kB, and every other one 5 kB,', async () => {
  const sets = await Promise.all(TYPES.map(type => editorHtml(ROOT, type)));
  const { 'dialogs.js': shared = '' } = await editorResources(ROOT);

  it('together with what they share', () => {
    expect(sets).toHaveLength(TYPES.length);
    expect(packed(sets.join('\n')) + packed(shared)).toBeLessThanOrEqual(LIMIT);
  });

  it('each packed by itself', () => {
    const weights = [shared, ...sets].map(packed);
    expect(weights.reduce((sum, weight) => sum + weight)).toBeLessThanOrEqual(LIMIT);
  });

  it.each(LANGUAGES)(
    'in the one answer of Node-RED, which holds the helps too, in %s',
    async language => {
      const helps = await Promise.all(TYPES.map(type => helpHtml(ROOT, language, type)));
      const answer = sets.map((set, index) => `${set}${helps[index] ?? ''}`).join('\n');
      const isLatin = !['ja', 'ko', 'ru', 'zh-CN', 'zh-TW'].includes(language);
      expect(packed(answer)).toBeLessThanOrEqual(LIMIT + (isLatin ? OF_HELPS : OF_OTHER_SCRIPTS));
    },
  );
});
