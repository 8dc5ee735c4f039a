import type { Row } from '../outcome/row';

const CSRF: Row = {
  row: 18,
  status: [403],
  class: 'csrf',
  fix: 'SAP refused the CSRF token, also after a new one was fetched. Check that the base URL is the root of the OData service, and that a proxy on the way passes on the cookies and the header x-csrf-token.',
};

/** Statuses with which services say that somebody has the record open. */
const LOCKED: Row = {
  row: 41,
  status: [400, 409, 423, 500],
  class: 'transient',
  code: 'RECORD_LOCKED',
  fix: 'Somebody has the record open in SAP, or another request holds its lock. Wait longer between retries, or send fewer requests at a time.',
};

/** Decision rows of SAP Gateway and S/4HANA, V2 and V4 (docs/decision-table.md). */
export const SAP_GATEWAY_ROWS: readonly Row[] = [
  { ...CSRF, header: ['x-csrf-token', /^\s*required\s*$/i] },
  { ...CSRF, words: /csrf/i },
  {
    ...LOCKED,
    // The text is in the language of the user, the message number is not.
    apiCode: ['MC/601', 'VL/045', 'CO/469'],
  },
  {
    ...LOCKED,
    text: /\blocked by\b|\b(?:being|currently) (?:processed|edited|changed|updated) by\b|\bis (?:already|currently) (?:processing|editing|changing)\b/i,
  },
];
