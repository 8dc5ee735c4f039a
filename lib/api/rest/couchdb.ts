import { apiErrorOf } from '../../outcome/api-error';
import type { Row } from '../../outcome/row';
import { isFields } from '../../record/fields';
import type { ApiFamily } from '../family';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../settings';
import { createRest } from './rest';

/**
 * Documents of CouchDB and its relatives: `database/id`, written whole, with the version as `_rev` among the fields.
 * An answer to a write is no document; it names the new version `rev`.
 * Throws InputError `UNMODIFIED_SINCE_UNSUPPORTED`: documents have no time.
 */
export function createCouchDb({ unmodifiedSince }: ApiSettings): ApiFamily {
  const rest = createRest({
    ...DEFAULT_API_SETTINGS,
    versionFrom: 'field',
    versionField: '_rev, rev',
    versionTo: 'field',
    createdIsUpdate: true,
    unmodifiedSince,
  });
  return {
    ...rest,
    id: 'couchdb',
    label: 'CouchDB',
    methods: ['PUT'],
    takesActions: false,
    noVersionFix:
      'Every document has its version in "_rev". Check that Records is the name of a database, and Key the "_id" of a document.',
    rows: [...rest.rows, CONFLICT_ROW, DOCUMENT_ROW],
    keyField: () => '_id',
    valuesOf: answer => {
      const values = rest.valuesOf(answer);
      return values !== undefined && Object.hasOwn(values, '_rev') ? values : undefined;
    },
    errorOf: answer => {
      const { error, reason } = isFields(answer.json) ? answer.json : {};
      if (answer.status < 400 || typeof error !== 'string' || typeof reason !== 'string') {
        return apiErrorOf(answer);
      }
      return { code: error, message: reason };
    },
  };
}

/** CouchDB says 409 of nothing but an outdated `_rev`. */
const CONFLICT_ROW: Row = {
  row: 26,
  status: [409],
  method: ['PUT'],
  class: 'version-conflict',
  sure: true,
};

/** PouchDB's server has a status of its own for what CouchDB refuses with 400: nothing was written. */
const DOCUMENT_ROW: Row = {
  row: 48,
  status: [500],
  apiCode: ['doc_validation'],
  method: ['PUT'],
  class: 'validation',
};
