// docs/images/how-it-works.svg: made by the script, and it says what the code says.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { PICTURE, picture } from '../../scripts/lib/picture.mjs';

const SVG = readFileSync(PICTURE, 'utf8');

it('is what npm run docs draws', () => {
  expect(SVG).toBe(picture());
});

it('names outcomes as the nodes do', () => {
  const texts = [...SVG.matchAll(/<rect [^>]+stroke="#(?:2e7d32|b3392f|666666)"\/>(.*)/g)];
  const named = texts.flatMap(([, part = '']) => [...part.matchAll(/>([a-z·\- ]+)</g)]);
  const words = named.flatMap(([, line = '']) => line.split(' · '));
  const outcomes = words.filter(word => !word.includes(' '));
  expect(outcomes.length).toBeGreaterThan(5);
  expect(outcomes.filter(word => !(OUTCOMES as readonly string[]).includes(word))).toEqual([]);
});
