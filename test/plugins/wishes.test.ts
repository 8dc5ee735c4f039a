import { describe, expect, it } from 'vitest';
import { bulkWish, planWish, reviewAct, reviewQuery } from '../../plugins/conflicts-sidebar/wishes';

const SHOWN =
  '{"key":"K","url":"http://x/K","version":"1","readAt":"t","values":{"n":12345678901234567890}}';

/** What it refuses, in words. */
function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError', code: 'REQUEST_INVALID' });
    return (error as Error).message;
  }
  throw new Error('It was taken.');
}

describe('a query of the list', () => {
  it('is taken as its texts say', () => {
    const query = { state: 'all', outcomes: ['conflict', 'uncertain'], types: 'salesorders' };
    expect(
      reviewQuery({ ...query, since: '1700000000000', skip: '50', most: '200', text: 'x' }),
    ).toEqual({
      state: 'all',
      outcomes: ['conflict', 'uncertain'],
      types: ['salesorders'],
      since: 1_700_000_000_000,
      skip: 50,
      most: 200,
      text: 'x',
    });
    expect(reviewQuery({})).toEqual({});
  });

  it.each([
    [{ state: 'new' }, '"state" must be one of open, settled, all.'],
    [{ most: '201' }, '"most" must be a whole number from 1 to 200.'],
    [{ most: '1e2' }, '"most" must be a whole number from 1 to 200.'],
    [{ skip: '-1' }, '"skip" must be a whole number from 0 to 1000000.'],
    [{ since: 'yesterday' }, '"since" must be a whole number from 0 to 9007199254740991.'],
    [{ text: 'x'.repeat(201) }, '"text" must be a text of at most 200 characters.'],
    [{ text: ['a', 'b'] }, '"text" must be a text of at most 200 characters.'],
    [{ outcomes: { x: 'y' } }, '"outcomes" must be a text, or up to 200 of them.'],
    [{ oldestFirst: '1' }, '"oldestFirst" must be true or false.'],
    [{ sort: 'age' }, '"sort" is not known. Send: state, outcomes,'],
    [JSON.parse('{"__proto__":"x"}') as object, '"__proto__" is not known.'],
  ])('%j is refused: %s', (query, words) => {
    expect(fault(() => reviewQuery(query as Record<string, unknown>))).toContain(words);
  });
});

describe('an act', () => {
  it('loses no digit', () => {
    const act = reviewAct('id', 'mira', {
      action: 'edit',
      revision: 7,
      changes: '{"amount":12345678901234567890.5}',
      shown: SHOWN,
      confirmed: true,
    });
    expect(act).toMatchObject({
      id: 'id',
      by: 'mira',
      action: 'edit',
      revision: 7,
      confirmed: true,
    });
    expect(String(act.changes?.amount)).toBe('12345678901234567890.5');
    expect(String(act.shown?.values.n)).toBe('12345678901234567890');
  });

  it.each([
    [undefined, 'The request must be a JSON object.'],
    [[], 'The request must be a JSON object.'],
    [{}, '"action" is missing.'],
    [{ action: 'delete' }, '"action" must be one of replay, ours, edit, theirs, discard.'],
    [{ action: 'ours', by: 'somebody else' }, '"by" is not known.'],
    [{ action: 'ours', revision: 1.5 }, '"revision" must be a whole number'],
    [{ action: 'edit', changes: { a: 1 } }, '"changes" must be the JSON text of an object.'],
    [{ action: 'edit', changes: '[1]' }, '"changes" must be the JSON text of an object.'],
    [{ action: 'edit', changes: '{' }, '"changes" must be the JSON text of an object.'],
    [
      { action: 'ours', shown: '{"url":1}' },
      '"shown" must be what the look at the record had answered.',
    ],
    [{ action: 'ours', confirmed: 'yes' }, '"confirmed" must be true or false.'],
    [{ action: 'discard', reason: 'x'.repeat(1_001) }, '"reason" must be a text of at most 1000'],
  ])('%j is refused: %s', (body, words) => {
    expect(fault(() => reviewAct('id', 'mira', body))).toContain(words);
  });
});

describe('an act on many', () => {
  it('has the filter of the list', () => {
    const body = { action: 'replay', perSecond: 0.5, filter: { types: ['a'], before: 5 } };
    expect(bulkWish('mira', body)).toEqual({
      by: 'mira',
      action: 'replay',
      perSecond: 0.5,
      filter: { types: ['a'], before: 5 },
    });
    expect(planWish({ plan: 'P' })).toBe('P');
  });

  it.each([
    [{ action: 'replay' }, '"filter" is missing.'],
    [{ action: 'edit', filter: {} }, '"action" must be one of replay, ours, theirs, discard.'],
    [{ action: 'ours', filter: [] }, '"filter" must be an object.'],
    [{ action: 'ours', filter: { most: 5 } }, '"most" is not known.'],
    [
      { action: 'ours', filter: {}, perSecond: 0 },
      '"perSecond" must be a number from 0.1 to 1000.',
    ],
  ])('%j is refused: %s', (body, words) => {
    expect(fault(() => bulkWish('mira', body))).toContain(words);
  });

  it('and a plan is named', () => {
    expect(fault(() => planWish({}))).toContain('"plan" is missing.');
  });
});
