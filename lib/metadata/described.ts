import type { FamilyId } from '../api/family-ids';

/** How an API describes its records. `sample`: not at all, so that one record has to stand for all of its kind. */
export type Described = 'csdl' | 'dataverse' | 'sample';

const DESCRIBED: Readonly<Record<FamilyId, Described>> = {
  dataverse: 'dataverse',
  'finance-operations': 'csdl',
  'sap-gateway': 'csdl',
  odata: 'csdl',
  'sap-cx': 'sample',
  apriso: 'sample',
  couchdb: 'sample',
  rest: 'sample',
};

export function describedBy(family: FamilyId): Described {
  return DESCRIBED[family];
}

/** Columns of Dataverse with an option set of their own, by the type of the column. */
const OPTION_COLUMNS = ['State', 'Status', 'Picklist'] as const;
export type OptionColumn = (typeof OPTION_COLUMNS)[number];

/** What is to be described. Names come from whoever asks. */
export type DescribeWhat =
  | { readonly what: 'sets' }
  /** @property table its logical name */
  | { readonly what: 'fields'; readonly table: string }
  | {
      readonly what: 'states';
      readonly table: string;
      readonly column: string;
      readonly type: OptionColumn;
    };

export function isOptionColumn(type: unknown): type is OptionColumn {
  return OPTION_COLUMNS.includes(type as OptionColumn);
}
