import { describe, expect, it } from 'vitest';
import { checkNumber, checkNumbers, checkText, checkUrl } from '../../nodes/shared/editor/checks';
import { parseConditions } from '../../nodes/shared/editor/conditions';

const t = (key: string): string => key;

describe('checks of dialog fields', () => {
  it.each([0, '0', ' 10 ', '2.5', '1e1', '${RETRIES}'])('takes the number %j', value => {
    expect(checkNumber(t, 'x', value, { min: 0, max: 10 })).toBe(true);
  });

  it.each(['', 'ten', '-1', '11', 'NaN', undefined, null, '$RETRIES'])('refuses %j', value => {
    expect(checkNumber(t, 'x', value, { min: 0, max: 10 })).toBe('shared.errors.number');
  });

  it('tells whole numbers and blanks apart', () => {
    expect(checkNumber(t, 'x', '1.5', { min: 0, max: 10, whole: true })).toBe(
      'shared.errors.whole-number',
    );
    expect(checkNumber(t, 'x', '', { min: 0, max: 10, blank: true })).toBe(true);
  });

  it.each([
    ['0.5, 1.5, 4', true],
    ['${WAITS}', true],
    ['', 'shared.errors.number-list'],
    ['1,,2', 'shared.errors.number-list'],
    ['1; 2', 'shared.errors.number-list'],
  ])('checks the list %j', (value, expected) => {
    expect(checkNumbers(t, 'x', value, { min: 0, max: 60 })).toBe(expected);
  });

  it.each([
    ['https://contoso.crm.dynamics.com/api/data/v9.2', true],
    ['http://127.0.0.1:8080', true],
    ['${BASE_URL}', true],
    ['contoso.crm.dynamics.com', 'shared.errors.url'],
    ['ftp://files.example', 'shared.errors.url'],
    ['https://user:secret@api.example', 'shared.errors.url-secret'],
    ['https://api.example?sv=1', 'shared.errors.url-extra'],
    ['https://api.example/#top', 'shared.errors.url-extra'],
  ])('checks the address %j', (value, expected) => {
    expect(checkUrl(t, 'x', value)).toBe(expected);
  });

  it('refuses blank text', () => {
    expect(checkText(t, 'x', '  ')).toBe('shared.errors.missing');
    expect(checkText(t, 'x', 'a')).toBe(true);
  });
});

describe('conditions of dialog parts', () => {
  it('reads fields and their values', () => {
    expect(parseConditions('schedule=list;jitter=full|percent')).toEqual([
      { name: 'schedule', values: ['list'] },
      { name: 'jitter', values: ['full', 'percent'] },
    ]);
  });
});
