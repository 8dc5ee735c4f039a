import { describe, expect, it } from 'vitest';
import { describeRequest } from '../../../lib/metadata/request';

const BASE = new URL('https://crm.example/api/data/v9.2/');
const query = (url: string): string => url.slice(BASE.href.length);

describe('what is asked of an API that describes itself', () => {
  it.each(['odata', 'finance-operations', 'sap-gateway'] as const)(
    'of the family %s is its metadata, with the query of the endpoint',
    family => {
      const asked = { what: 'fields', table: 'ignored' } as const;
      expect(describeRequest(family, BASE, asked, 'sap-client=100')).toEqual({
        method: 'GET',
        url: 'https://crm.example/api/data/v9.2/$metadata?sap-client=100',
        headers: { accept: 'application/xml' },
      });
      expect(describeRequest(family, BASE, asked, '').url).toMatch(/\$metadata$/);
    },
  );

  it('of Dataverse is never more than is shown', () => {
    const table = 'salesorder';
    const of = (asked: Parameters<typeof describeRequest>[2]): string =>
      query(describeRequest('dataverse', BASE, asked, 'ignored=1').url);
    expect(of({ what: 'sets' })).toMatch(/^EntityDefinitions\?\$select=LogicalName,/);
    expect(of({ what: 'fields', table })).toMatch(
      /^EntityDefinitions\(LogicalName='salesorder'\)\/Attributes\?\$select=LogicalName,/,
    );
    expect(of({ what: 'states', table, column: 'statuscode', type: 'Status' })).toBe(
      "EntityDefinitions(LogicalName='salesorder')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet",
    );
    expect(of({ what: 'states', table, column: 'kind', type: 'Picklist' })).toContain(
      '$expand=OptionSet,GlobalOptionSet',
    );
  });

  it.each(["x')/../accounts", '', 'a b', 'a/b', 'a?b', "a''"])(
    'of Dataverse has no other name in its address: %j',
    name => {
      for (const asked of [
        { what: 'fields', table: name },
        { what: 'states', table: 'a', column: name, type: 'State' },
      ] as const) {
        expect(() => describeRequest('dataverse', BASE, asked, '')).toThrow(
          expect.objectContaining({ code: 'DESCRIBE_INVALID' }),
        );
      }
    },
  );
});
