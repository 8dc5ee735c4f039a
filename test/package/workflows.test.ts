// What runs on the repository's own machines: pinned by content, with no more rights than it needs.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';

const FOLDER = inRoot('.github/workflows');
const textOf = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');

describe.each(readdirSync(FOLDER))('%s', file => {
  const text = textOf(file);

  it('takes every action at one commit, its version beside it', () => {
    const used = text.split('\n').filter(line => /^\s*-?\s*uses:/.test(line));
    expect(used.length).toBeGreaterThan(0);
    const pinned = /^\s*-?\s*uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(used.filter(line => !pinned.test(line))).toEqual([]);
  });

  it('may only read unless a job says otherwise', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
  });
});

it('a release is what was tested, from a tag, with provenance and no stored token', () => {
  const text = textOf('release.yml');
  const steps = [...text.matchAll(/^ {6}- run: (.+)$/gm)].map(([, command]) => command);
  expect(steps).toEqual([
    '.ci/run',
    'npm start -- --check',
    'npm run test:matrix',
    'npm run test:audit',
    'npm run test:scorecard',
    'npm run sbom',
  ]);
  expect(text).toMatch(/^ {2}push:\n {4}tags: \['v\*'\]$/m);
  expect(text).toContain('npm publish --provenance');
  expect(text).toContain('id-token: write');
  expect(text).not.toContain('secrets.');
});
