import type { RecordKey } from '../record/fields';
import type { ApiFamily } from './family';
import type { ODataFormat } from './odata-formats';

/** What tells one OData API from another; `createODataFamily` makes the family of it. */
export interface ODataProfile extends Pick<
  ApiFamily,
  | 'id'
  | 'label'
  | 'methods'
  | 'takesActions'
  | 'practicePath'
  | 'needsCsrfToken'
  | 'noVersionFix'
  | 'rows'
  | 'sendsOnlyDifferences'
  | 'keyField'
  | 'readName'
  | 'fieldType'
> {
  readonly format: ODataFormat;
  /** Query options of every request, for example `cross-company=true`. */
  readonly options: readonly string[];
  /** What a write asks to be answered with: a version in the answer saves the next update a read. */
  readonly answersWith: 'changed fields' | 'record' | 'nothing';
  /** One spelling for all spellings of a key that the API takes for the same. Throws InputError `KEY_INVALID`. */
  canonicalKey(key: RecordKey): RecordKey;
}

/** What holds where nothing is known beyond OData itself. */
export const PLAIN_ODATA = {
  needsCsrfToken: false,
  options: [],
  keyField: () => undefined,
  readName: field => field,
  fieldType: () => undefined,
  canonicalKey: key => key,
} satisfies Partial<ODataProfile>;

/** The URL with query options; `url` has none yet. */
export function withOptions(url: string, options: readonly string[]): string {
  return options.length === 0 ? url : `${url}?${options.join('&')}`;
}

/**
 * `$select` of these fields; nothing for no fields: the whole record. Names with `@`, such as `customer@odata.bind`,
 * are no properties and would be refused.
 */
export function selectOption(fields: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const name of fields) {
    if (!name.includes('@') && !names.includes(name)) names.push(name);
  }
  return names.length === 0 ? [] : [`$select=${names.map(encodeURIComponent).join(',')}`];
}
