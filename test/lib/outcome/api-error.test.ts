import { describe, expect, it } from 'vitest';
import { apiErrorOf } from '../../../lib/outcome/api-error';

describe('apiErrorOf', () => {
  it.each<[string, unknown, object]>([
    ['OData', { error: { code: '0x1', message: 'No' } }, { code: '0x1', message: 'No' }],
    ['OData with an empty code', { error: { code: '', message: 'No' } }, { message: 'No' }],
    [
      'OData V2',
      { error: { code: 'X/1', message: { lang: 'en', value: 'No' } } },
      { code: 'X/1', message: 'No' },
    ],
    [
      'problem details',
      { type: 'https://api.example/stale', title: 'Stale', detail: 'Version 7', status: 409 },
      { code: 'https://api.example/stale', message: 'Stale: Version 7' },
    ],
    ['a problem without a type', { type: 'about:blank', title: 'No' }, { message: 'No' }],
    ['problem details of the wrong type', { type: 7, title: ['No'] }, { code: '7' }],
    [
      'a flat error',
      { error: 'Work order status conflict', message: 'Cannot transition from current state' },
      { message: 'Work order status conflict: Cannot transition from current state' },
    ],
    ['a flat error with a code', { code: 17, message: 'No' }, { code: '17', message: 'No' }],
    [
      'a flat error with a reason',
      { error: 'conflict', reason: 'Document update conflict.' },
      { message: 'conflict: Document update conflict.' },
    ],
    [
      'a list of errors',
      {
        errors: [
          { type: 'ModelSaving', message: 'No' },
          { type: 'Other', message: 'Never' },
        ],
      },
      { code: 'ModelSaving', message: 'No: Never' },
    ],
    [
      'a list below a message of its own',
      { code: 'E1', message: 'Refused', errors: [{ code: 'E2', message: 'No' }] },
      { code: 'E1', message: 'Refused: No' },
    ],
    ['a list of texts', { errors: ['No', null] }, { message: 'No' }],
    ['a text', 'No', { message: 'No' }],
    ['nothing', undefined, {}],
  ])('reads %s', (_name, json, expected) => {
    expect(apiErrorOf(answer(409, json))).toEqual(expected);
  });

  it('takes no record for an error', () => {
    expect(apiErrorOf(answer(200, { code: 'A', message: 'Deliver soon' }))).toEqual({});
  });

  it('reads the failure that a success reports', () => {
    const json = { success: false, error: { code: 'E1', message: 'No' } };
    expect(apiErrorOf(answer(200, json))).toEqual({ code: 'E1', message: 'No' });
  });

  it('passes on no more than ten of a list', () => {
    const errors = Array.from({ length: 12 }, (_, n) => ({ message: `m${n}` }));
    expect(apiErrorOf(answer(400, { errors })).message).toMatch(/: m9$/);
  });

  it('cuts what is no message any more', () => {
    const { message } = apiErrorOf(answer(500, { message: 'x'.repeat(5000) }));
    expect(message).toHaveLength(1001);
  });
});

function answer(status: number, json: unknown) {
  return { kind: 'answer', status, headers: {}, text: '', json, roundTripMs: 1 } as const;
}
