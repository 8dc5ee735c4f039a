import { describe, expect, it } from 'vitest';
import { createDataverse } from '../../../lib/api/odata/dataverse';
import { createRest } from '../../../lib/api/rest/rest';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import { withQuery } from '../../../lib/api/query';
import { planFor } from './odata-plans';

const rest = createRest(DEFAULT_API_SETTINGS);

describe('withQuery', () => {
  it('costs nothing when there is no query', () => {
    expect(withQuery(rest, '')).toBe(rest);
  });

  it('adds to the address of a read and a write, and leaves the name of the record', () => {
    const family = withQuery(rest, 'sap-client=100&sap-language=EN');
    const ref = family.locate('https://sap.example/api', 'orders', 1);
    expect(ref.url).toBe('https://sap.example/api/orders/1');
    const expected = `${ref.url}?sap-client=100&sap-language=EN`;
    expect(family.readRequest(ref, undefined).url).toBe(expected);
    expect(family.writeRequest(planFor(ref)).url).toBe(expected);
    const action = { name: 'close', parameters: {} };
    expect(family.writeRequest(planFor(ref, { action })).url).toBe(
      `${ref.url}/close?sap-client=100&sap-language=EN`,
    );
  });

  it('adds to what the family has put there', () => {
    const family = withQuery(createDataverse(), 'a=');
    const ref = family.locate('https://org.example', 'accounts', { accountnumber: 1 });
    expect(family.readRequest(ref, ['name']).url).toBe(`${ref.url}?$select=name&a=`);
  });

  it.each(['a=1', 'a=', 'a=b=c', '$format=json', "f=x eq 'y'".replaceAll(' ', '%20'), 'a=1&a=2'])(
    'takes "%s"',
    query => {
      expect(() => withQuery(rest, query)).not.toThrow();
    },
  );

  it.each([
    '?a=1',
    'a',
    '=1',
    'a=1&',
    '&a=1',
    'a=1#b',
    'a=1\r\nX: 1',
    'a= b',
    'a=ä',
    'a=%',
    'a=%zz',
    'a=<b>',
  ])('refuses %j', query => {
    expect(() => withQuery(rest, query)).toThrow(
      expect.objectContaining({
        code: 'QUERY_INVALID',
        message: expect.stringMatching(/^Query /) as string,
      }),
    );
  });

  it.each(['$select=a', '$SELECT=a', '%24select=a', '%24%73elect=a', 'a=1&$select=b'])(
    'refuses "%s", with which a PUT would reset fields',
    query => {
      expect(() => withQuery(rest, query)).toThrow(
        expect.objectContaining({ code: 'QUERY_INVALID' }),
      );
    },
  );

  it('refuses a parameter that the family sets itself', () => {
    const family = createRest({ ...DEFAULT_API_SETTINGS, fieldsParameter: 'fields' });
    expect(() => withQuery(family, 'Fields=a')).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID' }),
    );
    expect(() => withQuery(rest, 'Fields=a')).not.toThrow();
  });
});
