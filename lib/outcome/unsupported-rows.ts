import type { Row } from './row';

/** Row 22: statuses that a repetition cannot change, because the request itself does not suit the API. */
export const UNSUPPORTED_ROWS: readonly Row[] = [
  unsupported(405, 'METHOD_NOT_ALLOWED', 'Choose the other method, or check Records and Key.'),
  unsupported(406, 'NOT_ACCEPTABLE', 'The API cannot answer JSON here. Check Records.'),
  unsupported(411, 'LENGTH_REQUIRED', 'Check whether a proxy removes Content-Length.'),
  unsupported(413, 'BODY_TOO_LARGE', 'Send fewer or shorter fields.'),
  unsupported(414, 'URL_TOO_LONG', 'Name fewer fields or guard fields.'),
  unsupported(415, 'MEDIA_TYPE_UNSUPPORTED', 'The API does not take JSON here. Check Records.'),
  unsupported(426, 'UPGRADE_REQUIRED', 'Use https or a newer address of the API as base URL.'),
  unsupported(
    431,
    'HEADERS_TOO_LARGE',
    'Use a shorter token, or raise the header limit of the API.',
  ),
  unsupported(
    451,
    'LEGALLY_BLOCKED',
    'The record is withheld for legal reasons. Ask the API owner.',
  ),
  unsupported(
    501,
    'NOT_IMPLEMENTED',
    'The API does not know this method. Choose the other method.',
  ),
  unsupported(
    505,
    'HTTP_VERSION_UNSUPPORTED',
    'The API does not take HTTP/1.1. Check the base URL.',
  ),
];

function unsupported(status: number, code: string, fix: string): Row {
  return { row: 22, status: [status], class: 'unsupported', code, fix };
}
