import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../lib/outcome/outcome';
import type { By, Change } from '../../sandbox/records/journal';
import { judgeList } from '../../bench/sections/list-judge';

const OURS = 'ours';

function change(by: By, after: string): Change {
  return { version: '"1"', at: '', by, action: 'update', fields: { notes: { before: '', after } } };
}

const ours = change('api', OURS);
const others = change('api', 'another list');
const operator = change('operator', 'by hand');
const background = change('background', 'by a job');

const NONE = { lost: 0, duplicated: 0, misreported: 0, overwritten: 0 };

describe('a list, by the history of its records', () => {
  test.each<[string, Outcome, Change[], Partial<typeof NONE>]>([
    ['updated once', 'updated', [background, ours, operator], {}],
    ['updated, and nobody has written it', 'updated', [others], { lost: 1 }],
    ['updated twice', 'updated', [ours, ours], { duplicated: 1 }],
    ['a conflict that was written all the same', 'conflict', [ours], { misreported: 1 }],
    ['a conflict', 'conflict', [operator], {}],
    ['in doubt, and written', 'uncertain', [ours], {}],
    ['in doubt, and not written', 'uncertain', [], {}],
    ['written over what an operator saved', 'updated', [operator, ours], { overwritten: 1 }],
  ])('%s', (_name, outcome, history, found) => {
    const isOurs = ({ by, fields }: Change): boolean =>
      by === 'api' && fields.notes?.after === OURS;
    expect(judgeList([{ outcome, history }], isOurs)).toEqual({ ...NONE, ...found });
  });
});
