import { expect, it } from 'vitest';
import { readScorecard, scorecardInWords, whyUnasked } from '../../scripts/lib/scorecard.mjs';

it('passes when every check does, whatever is told besides', () => {
  const card = readScorecard({ P01: { test: true }, N01: { test: true }, D01: {} });
  expect(card).toEqual({ kind: 'made', failed: [], meant: [] });
  expect(scorecardInWords(card)).toEqual(['scorecard: every check of the Flow Library passes']);
});

it('fails by name, but for what is meant so', () => {
  const card = readScorecard({ P07: { test: false }, D03: { test: false }, P01: { test: true } });
  expect(scorecardInWords(card)).toEqual([
    'scorecard: FAILED P07',
    expect.stringMatching(/^ {2}meant so: D03: undici stays on 7/),
  ]);
});

it('is not made where nobody can be asked', () => {
  const [line] = scorecardInWords({ kind: 'unasked', why: 'no network' });
  expect(line).toBe('scorecard: NOT MADE. Nobody could be asked: no network');
});

it('says who could not be asked', () => {
  const output = `    ---Validating Package---
✅ Package uses a Scoped Name
    Error: getaddrinfo ENOTFOUND catalogue.example
    Code: ENOTFOUND
`;
  expect(whyUnasked(output)).toBe('Error: getaddrinfo ENOTFOUND catalogue.example');
  expect(whyUnasked('\nnpm could not install it\n')).toBe('npm could not install it');
});
