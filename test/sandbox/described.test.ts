import { describe, expect, it } from 'vitest';
import { readColumns, readOptions, readTables } from '../../lib/metadata/dataverse';
import { describeRequest } from '../../lib/metadata/request';
import { Descriptions } from '../../sandbox/described/descriptions';

const descriptions = new Descriptions(3);
const at = (path: string, query = '') =>
  descriptions.at({ method: 'GET', path, query, headers: {}, body: '' });

describe('what the Practice API says of its records', () => {
  it.each([
    ['/api/data/v9.0/$metadata', 'salesorders'],
    ['/data/$metadata', 'SalesOrderHeadersV2'],
    ['/sap/opu/odata/sap/API_SALES_ORDER_SRV/$metadata', 'A_SalesOrder'],
  ])('at %s names its set and as many others as are wanted', (path, set) => {
    const { body = '' } = at(path) ?? {};
    expect(body).toContain(`<EntitySet Name="${set}"`);
    expect(body.match(/<EntitySet Name="\w+\d{4}Set"/g)).toHaveLength(3);
  });

  it('is asked of Dataverse as the package asks it', () => {
    const base = new URL('http://127.0.0.1/api/data/v9.0/');
    const read = (asked: Parameters<typeof describeRequest>[2]): string => {
      const { pathname, search } = new URL(describeRequest('dataverse', base, asked, '').url);
      return at(pathname, search.slice(1))?.body ?? '';
    };
    expect(readTables(read({ what: 'sets' }))).toMatchObject({ items: { length: 4 } });
    const table = 'Invoice0000';
    const columns = readColumns(read({ what: 'fields', table }));
    expect(typeof columns === 'string' ? columns : columns.items).toContainEqual(
      expect.objectContaining({ name: 'statuscode', type: 'Status' }),
    );
    const asked = { what: 'states', table, column: 'statuscode', type: 'Status' } as const;
    expect(readOptions(read(asked), 'statuscode')).toHaveLength(3);
    expect(at('/api/data/v9.0/EntityDefinitions')?.status).toBe(400);
    expect(at('/api/data/v9.0/salesorders')).toBeUndefined();
  });
});
