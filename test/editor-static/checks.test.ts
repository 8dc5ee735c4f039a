import { describe, expect, it } from 'vitest';
import {
  checkBaseUrl,
  checkDays,
  checkHeaderName,
  checkNumber,
  checkNumbers,
  checkParameter,
  checkQuery,
  checkText,
  checkTime,
  checkTimeZone,
  checkUrl,
  type Check,
} from '../../nodes/shared/checks';
import { holds, parseConditions } from '../../nodes/shared/conditions';

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
    ['https://api.example/?', 'shared.errors.url-extra'],
    ['https://api.example/a b', 'shared.errors.url'],
    ['https:\\\\api.example', 'shared.errors.url'],
    ['', 'shared.errors.url'],
  ])('checks the base address %j', (value, expected) => {
    expect(checkBaseUrl(t, 'x', value)).toBe(expected);
  });

  it.each([
    ['https://login.example/token', true],
    ['https://login.example/token?api-version=1.0', true],
    ['${TOKEN_URL}', true],
    ['login.example/token', 'shared.errors.url'],
    ['ftp://login.example', 'shared.errors.url'],
  ])('checks the address %j', (value, expected) => {
    expect(checkUrl(t, 'x', value)).toBe(expected);
  });

  it('knows numbers of a list that have a meaning of their own, and parts that are empty', () => {
    const range = { min: 400, max: 499, whole: true, blank: true, except: [404] };
    for (const value of ['409, 412', '409,,412,', '', '${STATUSES}']) {
      expect(checkNumbers(t, 'x', value, range), value).toBe(true);
    }
    expect(checkNumbers(t, 'x', '409, 404', range)).toBe('shared.errors.number-taken');
    expect(checkNumbers(t, 'x', '409, 500', range)).toBe('shared.errors.number-list');
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
    ['query', checkQuery, 'größe=1', 'shared.errors.query'],
    ['query', checkQuery, 'a=100%', 'shared.errors.query'],
    ['query', checkQuery, 'a=%20', true],
    ['parameter', checkParameter, '$select', true],
    ['parameter', checkParameter, '', true],
    ['parameter', checkParameter, 'fields=', 'shared.errors.parameter'],
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
    expect(parseConditions('schedule=list;jitter=full|percent;budget!=')).toEqual([
      { name: 'schedule', values: ['list'], negated: false },
      { name: 'jitter', values: ['full', 'percent'], negated: false },
      { name: 'budget', values: [''], negated: true },
    ]);
  });

  it.each([
    [undefined, true],
    ['a=1', true],
    ['a=0|1', true],
    ['a=0', false],
    ['a=1;on=true', true],
    ['a=1;on=false', false],
    ['blank!=', false],
    ['a!=', true],
    ['a!=1|2', false],
  ])('%j holds: %j', (condition, expected) => {
    const fields: Record<string, unknown> = { a: 1, on: true, blank: ' ' };
    expect(holds(condition, name => fields[name])).toBe(expected);
  });
});
