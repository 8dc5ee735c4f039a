import type { Row } from '../../outcome/row';
import type { ApiFamily } from '../family';
import type { ApiSettings } from '../settings';
import { createODataFamily, PLAIN_ODATA } from './odata';
import { ODATA_V2, ODATA_V4 } from './odata-format';

/** SAP Gateway and S/4HANA: OData services below `/sap/opu/odata`, of V2 or V4. */
export function createSapGateway({ odataVersion }: ApiSettings): ApiFamily {
  return createODataFamily({
    ...PLAIN_ODATA,
    ...(odataVersion === 'v2' ? V2 : V4),
    id: 'sap-gateway',
    label: `SAP Gateway (OData ${odataVersion.toUpperCase()})`,
    needsCsrfToken: true,
    noVersionFix:
      'Have the service name an ETag for this entity: an ETag property in the model (SEGW) or an etag field in the behavior definition (RAP), usually the time of the last change.',
    rows: SAP_GATEWAY_ROWS,
    // A quantity belongs to its unit and an amount to its currency: the service may need both though one is as before.
    sendsOnlyDifferences: false,
  });
}

/** V2 has function imports, which are not bound to a record, and answers an update with 204. */
const V2 = {
  format: ODATA_V2,
  methods: ['MERGE', 'PATCH', 'PUT'],
  takesActions: false,
  answersWith: 'nothing',
} as const;

/** $select on a write came with OData 4.01 only. */
const V4 = {
  format: ODATA_V4,
  methods: ['PATCH', 'PUT'],
  takesActions: true,
  answersWith: 'record',
} as const;

const CSRF: Row = {
  row: 18,
  status: [403],
  class: 'csrf',
  fix: 'SAP refused the CSRF token, also after a new one was fetched. Check that the base URL is the root of the OData service, and that a proxy on the way passes on the cookies and the header x-csrf-token.',
};

/** Statuses with which services say that somebody has the record open. */
const LOCKED: Row = {
  row: 41,
  status: [400, 409, 423],
  class: 'transient',
  code: 'RECORD_LOCKED',
  fix: 'Somebody has the record open in SAP, or another request holds its lock. Wait longer between retries, or send fewer requests at a time.',
};

/** Whoever reports a failure may have got further than the lock: the record is looked at. */
const FAILED: Partial<Row> = { status: [500], ambiguous: true };

// The text is in the language of the user, the message number is not.
const LOCKED_BY_CODE: Row = { ...LOCKED, apiCode: ['MC/601', 'VL/045', 'CO/469'] };

const LOCKED_BY_TEXT: Row = {
  ...LOCKED,
  text: /\blocked by\b|\b(?:being|currently) (?:processed|edited|changed|updated) by\b|\bis (?:already|currently) (?:processing|editing|changing)\b/i,
};

/** Decision rows of SAP Gateway and S/4HANA, V2 and V4 (docs/decision-table.md). */
const SAP_GATEWAY_ROWS: readonly Row[] = [
  { ...CSRF, header: ['x-csrf-token', /^\s*required\s*$/i] },
  { ...CSRF, words: /csrf/i },
  LOCKED_BY_CODE,
  { ...LOCKED_BY_CODE, ...FAILED },
  LOCKED_BY_TEXT,
  { ...LOCKED_BY_TEXT, ...FAILED },
];
