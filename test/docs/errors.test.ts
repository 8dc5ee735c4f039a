// docs/errors.md: what it says of an answer is what the code takes that answer for, and every code it names exists.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFamily } from '../../lib/api/families';
import type { FamilyId } from '../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import type { Answer } from '../../lib/outcome/answer';
import { classify } from '../../lib/outcome/classify';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { inRoot } from '../../scripts/lib/root.mjs';

const PAGE = readFileSync(inRoot('docs/errors.md'), 'utf8');

const FAMILIES: Readonly<Record<string, FamilyId>> = {
  Dataverse: 'dataverse',
  'Finance & Operations': 'finance-operations',
  'SAP Gateway': 'sap-gateway',
  OData: 'odata',
  'SAP CX': 'sap-cx',
  Apriso: 'apriso',
  CouchDB: 'couchdb',
  'Generic REST': 'rest',
};

interface Line {
  readonly answer: string;
  readonly at: string;
  readonly takenFor: string;
  readonly flow: string;
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim());
}

const bare = (cell: string): string => cell.replaceAll('`', '');

/** The lines whose first cell begins with a status. */
const LINES: readonly Line[] = PAGE.split('\n')
  .filter(line => /^\| \d{3} /.test(line))
  .map(line => {
    const [answer = '', at = '', takenFor = '', , flow = ''] = cellsOf(line);
    return { answer, at, takenFor: bare(takenFor), flow: bare(flow) };
  });

/** `412 `CODE` words`, as the API family says it in JSON. */
function answerOf(text: string): Answer {
  const [, status = '', code, message = ''] = /^(\d{3}) (?:`([^`]+)` )?(.*)$/.exec(text) ?? [];
  const json = { error: { ...(code === undefined ? {} : { code }), message } };
  return {
    kind: 'answer',
    status: Number(status),
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify(json),
    json,
    roundTripMs: 1,
  };
}

describe('an answer', () => {
  it.each(LINES)('$answer, at $at, is taken for $takenFor', ({ answer: text, at, takenFor }) => {
    const id = FAMILIES[at];
    if (id === undefined) throw new Error(`${at} is no family`);
    const family = createFamily(id, DEFAULT_API_SETTINGS);
    const answer = answerOf(text);
    const sent = { method: 'PATCH', precondition: 'version' } as const;
    const verdict = classify(answer, sent, family.errorOf(answer), family.rows);
    expect(verdict.class).toBe(takenFor);
  });

  it('is there for each family', () => {
    expect(new Set(LINES.map(({ at }) => at))).toEqual(new Set(Object.keys(FAMILIES)));
  });
});

/** The code of the package: what editors show besides has no codes. */
const CODE = ['lib', 'nodes']
  .flatMap(folder =>
    readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.endsWith('.editor.ts'))
      .map(file => readFileSync(inRoot(`${folder}/${file}`), 'utf8')),
  )
  .join('\n');

const named = [...PAGE.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
const endings = [...PAGE.matchAll(/`(_[A-Z_]+)`/g)].map(([, ending = '']) => ending);

it('names only codes that the package has', () => {
  expect(named.length).toBeGreaterThan(100);
  expect(
    named.filter(name => !CODE.includes(`'${name}'`) && name !== 'UNABLE_TO_LOCK_ROW'),
  ).toEqual([]);
});

it('names every code that the package has, by itself or by how it ends', () => {
  const given = CODE.matchAll(/(?:code: |Error\(\s*|refuse\(\s*)'([A-Z]+(?:_[A-Z]+)+)'/g);
  const codes = [...new Set([...given].map(([, code = '']) => code))];
  expect(codes.length).toBeGreaterThan(150);
  const isNamed = (code: string): boolean =>
    named.includes(code) || endings.some(ending => code.endsWith(ending));
  // Those of Node.js and axios are told in words.
  expect(codes.filter(code => !isNamed(code) && !code.startsWith('ERR_'))).toEqual([]);
});

it('leads from every answer to a flow that can be imported', () => {
  const places = loadExamples().map(({ name }) => name.split(' - ')[0]);
  expect(LINES.filter(({ flow }) => !places.includes(flow))).toEqual([]);
  const named = PAGE.matchAll(/ `([a-z-]+\/\d\d)` +\|$/gm);
  expect([...named].map(([, flow]) => flow).filter(flow => !places.includes(flow))).toEqual([]);
});
