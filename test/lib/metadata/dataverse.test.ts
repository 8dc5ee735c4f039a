import { describe, expect, it } from 'vitest';
import { readColumns, readOptions, readTables } from '../../../lib/metadata/dataverse';

const label = (text: string) => ({
  LocalizedLabels: [{ Label: text, LanguageCode: 1033 }],
  UserLocalizedLabel: { Label: text, LanguageCode: 1033 },
});

describe('the tables of Dataverse', () => {
  it('are listed by their sets, with what they say of versions', () => {
    const text = JSON.stringify({
      '@odata.context': 'https://x/api/data/v9.2/$metadata#EntityDefinitions',
      value: [
        {
          LogicalName: 'salesorder',
          EntitySetName: 'salesorders',
          PrimaryIdAttribute: 'salesorderid',
          IsOptimisticConcurrencyEnabled: true,
          DisplayName: label('Order'),
        },
        {
          LogicalName: 'annotation',
          EntitySetName: 'annotations',
          PrimaryIdAttribute: 'annotationid',
          IsOptimisticConcurrencyEnabled: false,
          DisplayName: { LocalizedLabels: [], UserLocalizedLabel: null },
        },
        { LogicalName: 'own', EntitySetName: 'owns', PrimaryIdAttribute: 'ownid' },
        { LogicalName: 'without', EntitySetName: null, PrimaryIdAttribute: 'withoutid' },
      ],
    });
    expect(readTables(text)).toEqual({
      isPart: false,
      items: [
        { name: 'annotations', type: 'annotation', keys: ['annotationid'], protection: 'off' },
        { name: 'owns', type: 'own', keys: ['ownid'], protection: 'not-announced' },
        {
          name: 'salesorders',
          type: 'salesorder',
          keys: ['salesorderid'],
          protection: 'announced',
          label: 'Order',
        },
      ],
    });
  });

  it('are told to be a part where the API has more', () => {
    const table = { LogicalName: 'a', EntitySetName: 'as', PrimaryIdAttribute: 'aid' };
    const text = JSON.stringify({ value: [table], '@odata.nextLink': 'https://x/next' });
    expect(readTables(text)).toMatchObject({ isPart: true });
  });

  it.each([
    ['a page', '<!DOCTYPE html><html></html>', 'page'],
    ['cut off', '{"value":[{"LogicalName":"a"', 'cut'],
    ['a text', 'no', 'unreadable'],
    ['a list', '[]', 'unreadable'],
    ['null', 'null', 'unreadable'],
    ['another answer', '{"error":{}}', 'unreadable'],
    ['without members', '{"value":[]}', 'empty'],
    ['of members that are none', '{"value":[null,1,"x",{}]}', 'empty'],
  ])('are none in an answer that is %s', (_name, text, why) => {
    expect(readTables(text)).toBe(why);
  });
});

describe('the columns of Dataverse', () => {
  const read = (...columns: object[]) => {
    const found = readColumns(JSON.stringify({ value: columns }));
    return typeof found === 'string' ? found : found.items;
  };

  it.each([
    ['Money', 'decimal'],
    ['Decimal', 'decimal'],
    ['Double', 'decimal'],
    ['Integer', 'integer'],
    ['BigInt', 'integer'],
    ['DateTime', 'date-time'],
    ['Uniqueidentifier', 'guid'],
    ['String', undefined],
    ['Picklist', undefined],
    ['Status', undefined],
    ['Boolean', undefined],
  ])('of type %s are compared as %s', (type, comparedAs) => {
    const [field] = read({ LogicalName: 'a', AttributeType: type, AttributeOf: null });
    expect(field).toEqual({
      name: 'a',
      type,
      isKey: false,
      isReadOnly: false,
      ...(comparedAs === undefined ? {} : { comparedAs }),
    });
  });

  it('that point to other rows go by the name they are read with', () => {
    expect(read({ LogicalName: 'customerid', AttributeType: 'Customer' })).toMatchObject([
      { name: '_customerid_value', comparedAs: 'guid', isReadOnly: true },
    ]);
  });

  it('that come with another one, or cannot be read, are no fields', () => {
    expect(
      read(
        { LogicalName: 'a', AttributeType: 'String' },
        { LogicalName: 'aname', AttributeType: 'String', AttributeOf: 'a' },
        { LogicalName: 'b', AttributeType: 'Virtual' },
        { LogicalName: 'c', AttributeType: 'String', IsValidForRead: false },
      ),
    ).toMatchObject([{ name: 'a' }]);
  });
});

describe('the options of a column of Dataverse', () => {
  const OPTIONS = [
    { Value: 1, Label: label('New'), State: 0 },
    { Value: 690970001, Label: label('Shipped'), State: 1 },
  ];
  const STATES = [
    { value: 1, label: 'New' },
    { value: 690970001, label: 'Shipped' },
  ];

  it.each([
    ['its own', { LogicalName: 'statuscode', OptionSet: { Options: OPTIONS } }],
    [
      'those of a set that others use too',
      { LogicalName: 'statuscode', OptionSet: null, GlobalOptionSet: { Options: OPTIONS } },
    ],
    ['in a list', { value: [{ LogicalName: 'statuscode', OptionSet: { Options: OPTIONS } }] }],
  ])('are %s', (_name, body) => {
    expect(readOptions(JSON.stringify(body), 'statuscode')).toEqual(STATES);
  });

  it.each([
    ['of another column', { LogicalName: 'x', OptionSet: { Options: OPTIONS } }],
    ['without any', { LogicalName: 'statuscode', OptionSet: { Options: [] } }],
    ['without a set', { LogicalName: 'statuscode' }],
  ])('are none in an answer %s', (_name, body) => {
    expect(readOptions(JSON.stringify(body), 'statuscode')).toBe('empty');
  });
});
