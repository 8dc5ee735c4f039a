import { describe, expect, it } from 'vitest';
import {
  checkDays,
  checkHeaderName,
  checkNumber,
  checkNumbers,
  checkQuery,
  checkText,
  checkTime,
  checkTimeZone,
  checkUrl,
  type Check,
} from '../../nodes/shared/editor/checks';
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

  it.each<[string, Check, string, true | string]>([
    ['time', checkTime, '14:00', true],
    ['time', checkTime, ' 9:05 ', true],
    ['time', checkTime, '${FROM}', true],
    ['time', checkTime, '24:00', 'shared.errors.time'],
    ['time', checkTime, '14', 'shared.errors.time'],
    ['time', checkTime, '', 'shared.errors.time'],
    ['days', checkDays, '1,2,3', true],
    ['days', checkDays, '0', true],
    ['days', checkDays, '${DAYS}', true],
    ['days', checkDays, '', 'shared.errors.days'],
    ['days', checkDays, '7', 'shared.errors.days'],
    ['time zone', checkTimeZone, 'Europe/Berlin', true],
    ['time zone', checkTimeZone, '', true],
    ['time zone', checkTimeZone, '${ZONE}', true],
    ['time zone', checkTimeZone, 'Berlin time', 'shared.errors.time-zone'],
    ['header', checkHeaderName, 'Idempotency-Key', true],
    ['header', checkHeaderName, '', true],
    ['header', checkHeaderName, 'Idempotency-Key: 1', 'shared.errors.header'],
    ['query', checkQuery, 'sap-client=100&sap-language=DE', true],
    ['query', checkQuery, '', true],
    ['query', checkQuery, '?sap-client=100', 'shared.errors.query'],
    ['query', checkQuery, 'sap-client', 'shared.errors.query'],
    ['query', checkQuery, 'a=1#top', 'shared.errors.query'],
  ])('checks the %s %o: %j', (_name, check, value, expected) => {
    expect(check(t, 'x', value)).toBe(expected);
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
