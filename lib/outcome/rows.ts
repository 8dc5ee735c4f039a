import type { Row } from './row';
import { RETRY_AFTER_VALUE, STORAGE, TOO_MANY } from './throttling';

const UPDATES: Row['method'] = ['PATCH', 'PUT', 'MERGE'];
const WRITES: Row['method'] = ['PATCH', 'PUT', 'MERGE', 'POST'];
const REJECTED: Row['header'] = ['repeatability-result', /^\s*rejected\s*$/i];

/** Says that the header is not there: `Idempotency-Key is missing`, `missing required header Idempotency-Key`. */
const KEY_MISSING =
  /idempotency[-_ ]?key\b.{0,60}\b(?:missing|required|absent|must be (?:set|sent|given|provided|present))|\b(?:missing|requires?|without|lacks|no)\b.{0,60}\bidempotency|idempotency_?key_?(?:missing|required)|missing_?idempotency_?key/i;

/** Says that the first request with the key is not finished, never that the record is in progress. */
const KEY_IN_USE =
  /idempotency.{0,100}(?:in[-_ ]?use|in[-_ ]progress|outstanding|being processed)|\b(?:in[- ]progress|outstanding|concurrent)\b.{0,100}\bidempotency|\brequest is (?:(?:still|already|currently) )?(?:being processed|outstanding)|\brequest is (?:still|already|currently) in progress|previous_request_in_progress/i;

const KEY_REUSED =
  /idempotency.{0,120}(?:already (?:been )?used|re-?used|different|mismatch|(?:not|n't) match)|different (?:payload|body|request|parameters?).{0,100}\bidempoten|idempotent requests.{0,80}same parameters/i;

/**
 * Answers about the request as a repetition of another one. They come before the rows of the family, because
 * whatever a status means at an API, these answers are not about the record.
 */
export const REPEAT_ROWS: readonly Row[] = [
  { row: 14, status: [400], header: REJECTED, class: 'validation' },
  {
    row: 14,
    status: [400],
    words: KEY_MISSING,
    class: 'validation',
    code: 'IDEMPOTENCY_KEY_MISSING',
    fix: 'The API wants an Idempotency-Key. Fill in Idempotency header in the endpoint, with the name that the API gives it.',
  },
  { row: 24, status: [409], idempotencyKey: true, words: KEY_IN_USE, class: 'in-progress' },
  {
    row: 30,
    status: [412],
    header: REJECTED,
    class: 'unverified',
    ambiguous: true,
    code: 'REPEATABILITY_REJECTED',
  },
  {
    row: 38,
    status: [422],
    idempotencyKey: true,
    words: KEY_REUSED,
    class: 'unsupported',
    code: 'IDEMPOTENCY_KEY_REUSED',
    fix: 'The API has seen this Idempotency-Key with another request, although every request that differs gets a new key. Check whether something on the way alters or repeats the header.',
  },
];

const RETRY_AFTER: Row['header'] = ['retry-after', RETRY_AFTER_VALUE];

/** A key or unique value is taken: on an update a fault of the changes, whatever version was sent. */
export const DUPLICATE_ROW: Row = {
  row: 25,
  status: [409],
  method: WRITES,
  words:
    /duplicate[-_ ]?(?:key|record|value|entry)|unique[-_ ]?(?:key|constraint|index)|already[-_ ]?exists/i,
  class: 'duplicate',
};

const RIGHTS = '(?:authori[sz]ation|permission|privilege|access right)s?';
const REFUSED = String.raw`\b(?:not |un)authori[sz]ed\b|\baccess (?:is |was )?denied\b`;
const LACKING = String.raw`(?:\b(?:no|not|missing|insufficient|lacks?|lacking|without|requires?)|n['’]t)\b.{0,40}\b${RIGHTS}\b`;
const LACKED = String.raw`\b${RIGHTS} (?:(?:is|are|was|were) )?(?:denied|missing|required|insufficient|refused)\b`;

/** A 2xx to a write with an error in place of a record, as gateways in front of an API answer. */
const ERROR_ROW: Row = {
  row: 4,
  statusRange: [200, 299],
  method: WRITES,
  body: 'error',
  class: 'unverified',
  ambiguous: true,
  code: 'FAILURE_REPORTED',
  fix: 'The status says that the write was accepted, the body that it failed. Look at what the API says there.',
};

/**
 * A 2xx to a write whose body reports a failure. For APIs that are known to answer so: elsewhere a
 * record may have a field of that name.
 */
export const FAILURE_ROW: Row = { ...ERROR_ROW, body: 'failure' };

/** A 409 in which the API speaks of rights: whether they are what is wrong, the re-read tells. */
const ACCESS_ROW: Row = {
  row: 28,
  status: [409],
  method: WRITES,
  words: new RegExp(`${REFUSED}|${LACKING}|${LACKED}`, 'i'),
  class: 'undetermined',
  code: 'ACCESS_REFUSED',
  fix: 'Check what the user or application of this endpoint may change at the API.',
};

/** 2xx: an empty body or a record is the API's own answer, anything else may come from something in between. */
const SUCCESS_ROWS: readonly Row[] = [
  ERROR_ROW,
  {
    row: 2,
    statusRange: [200, 299],
    body: 'html',
    class: 'unverified',
    ambiguous: true,
    code: 'HTML_ANSWER',
    fix: 'A web page came back instead of data, usually a sign-in page. Check the base URL and the sign-in settings of the endpoint.',
  },
  {
    row: 5,
    status: [201],
    method: UPDATES,
    class: 'unexpected-create',
    code: 'UNEXPECTED_CREATE',
    fix: 'A 201 says that a record was created. If this API answers updates so, choose the API family "generic REST" and switch on "201 answers an update" in the endpoint. Otherwise check the key, and delete the new record if it is not wanted.',
  },
  { row: 6, status: [202], class: 'pending' },
  {
    row: 4,
    status: [207],
    class: 'unverified',
    ambiguous: true,
    code: 'MULTI_STATUS',
    fix: 'The API answers with one status for each part, as for a batch. Check that Records names the records themselves.',
  },
  {
    row: 3,
    statusRange: [200, 299],
    body: 'unreadable',
    class: 'unverified',
    ambiguous: true,
    code: 'BODY_UNREADABLE',
    fix: 'The body of the answer is not complete JSON, or nested deeper than any record. Check that nothing between Node-RED and the API cuts or rewrites answers.',
  },
  {
    row: 3,
    statusRange: [200, 299],
    method: ['GET'],
    body: 'empty',
    class: 'unverified',
    code: 'BODY_EMPTY',
    fix: 'The API answered the read without a body. Check Records and Key.',
  },
  { row: 1, status: [200, 203, 204, 205], class: 'success' },
  { row: 1, status: [201], method: ['POST'], class: 'success' },
];

/** Redirects are never followed: a write would turn into a GET, and headers would leave for another host. */
const REDIRECT_ROWS: readonly Row[] = [
  { row: 7, status: [304], method: ['GET'], class: 'unverified', code: 'NOT_MODIFIED' },
  {
    row: 8,
    statusRange: [300, 399],
    header: ['location', /log-?[io]n|sign-?in|oauth|saml|adfs/i],
    class: 'redirect',
    code: 'REDIRECT',
    fix: 'The API wants a sign-in: it redirects to a sign-in page. Check the authentication of the endpoint.',
  },
  {
    row: 61,
    status: [303],
    method: WRITES,
    class: 'unverified',
    ambiguous: true,
    code: 'REDIRECT',
    fix: 'The API names another address where the result is to be seen (303), and redirects are not followed. Check the base URL of the endpoint, and the record: the write may have been carried out.',
  },
  {
    row: 8,
    statusRange: [300, 399],
    class: 'redirect',
    code: 'REDIRECT',
    fix: 'Redirects are not followed. Set the base URL of the endpoint to the final address (https, host, trailing path).',
  },
];

const ACCESS_ROWS: readonly Row[] = [
  { row: 17, status: [401], class: 'auth' },
  {
    row: 17,
    status: [407],
    class: 'auth',
    code: 'PROXY_AUTH',
    fix: 'The proxy wants a sign-in. Check user and password of the http proxy node.',
  },
  {
    row: 19,
    status: [403],
    words: STORAGE,
    class: 'forbidden',
    code: 'STORAGE_FULL',
    fix: 'The storage at the API is used up. Have it cleared or enlarged there.',
  },
  { row: 58, status: [403], words: TOO_MANY, class: 'throttled' },
  { row: 58, status: [403], header: RETRY_AFTER, class: 'throttled' },
  { row: 19, status: [403], class: 'forbidden' },
  {
    row: 60,
    status: [404],
    body: 'html',
    class: 'unsupported',
    code: 'ADDRESS_UNKNOWN',
    fix: 'A web page came back, so this is no address of the API. Check the base URL of the endpoint, segment by segment, and Records.',
  },
  { row: 21, status: [404], class: 'not-found' },
  { row: 29, status: [410], class: 'not-found' },
];

/** A lock that passes, told in words. */
const LOCKED_ROW: Row = {
  row: 41,
  status: [400, 409, 422],
  words:
    /\b(?:locked|(?:currently|still|already) being (?:processed|edited)) by (?:user|another|other)\b|\bbeing processed by\b|\bunable_to_lock_row\b|\block (?:request|wait) time-?\s?out\b|\b(?:could not|unable to|cannot) (?:obtain|acquire) (?:an? )?(?:exclusive )?lock\b/i,
  class: 'transient',
  code: 'RECORD_LOCKED',
};

/**
 * A refusal that says so was not applied. A failure may come from something in between, or from a step after the write:
 * the record is looked at.
 */
export const LOCKED_ROWS: readonly Row[] = [
  LOCKED_ROW,
  { ...LOCKED_ROW, status: [500], ambiguous: true },
];

const CONFLICT_ROWS: readonly Row[] = [
  ...LOCKED_ROWS,
  DUPLICATE_ROW,
  {
    row: 26,
    status: [409],
    method: WRITES,
    text: /modified by another user|e-?tag mismatch|parallel session/i,
    class: 'version-conflict',
  },
  ACCESS_ROW,
  { row: 28, status: [409], method: WRITES, class: 'undetermined' }, // 27 too: only a re-read tells
  {
    row: 36,
    status: [412],
    precondition: 'none',
    class: 'unsupported',
    code: 'PRECONDITION_NOT_SENT',
    fix: 'The API refused a precondition that was not sent. Check whether a proxy adds headers.',
  },
  { row: 35, status: [412], class: 'version-conflict' },
];

const PRECONDITION_ROWS: readonly Row[] = [
  {
    row: 15,
    status: [400],
    words: /concurrency token required|\bBadRequest_InvalidToken\b/i,
    class: 'precondition-required',
  },
  {
    row: 43,
    status: [428],
    precondition: 'version',
    class: 'unsupported',
    code: 'PRECONDITION_LOST',
    fix: 'A version was sent but did not arrive. Check whether a proxy removes If-Match, and where the endpoint sends the version.',
  },
  {
    row: 43,
    status: [428],
    precondition: 'any',
    class: 'unsupported',
    code: 'FORCE_REFUSED',
    fix: 'The API does not take "If-Match: *". Switch Force off.',
  },
  { row: 44, status: [428], class: 'precondition-required' },
];

const WAIT_ROWS: readonly Row[] = [
  { row: 41, status: [423], class: 'transient', code: 'RECORD_LOCKED' },
  { row: 37, status: [421, 425], class: 'transient' },
  { row: 47, status: [429], class: 'throttled' },
  { row: 22, status: [413], header: RETRY_AFTER, class: 'throttled' },
  { row: 50, status: [503], header: RETRY_AFTER, class: 'throttled', ambiguous: true },
  { row: 23, status: [408], class: 'transient', ambiguous: true },
];

/** Row 22: statuses that a repetition cannot change, because the request itself does not suit the API. */
const UNSUPPORTED_ROWS: readonly Row[] = [
  unsupported(405, 'METHOD_NOT_ALLOWED', 'Choose the other method, or check Records and Key.'),
  unsupported(
    406,
    'NOT_ACCEPTABLE',
    'The API does not answer with the kind of JSON that was asked for in Accept. OData families ask for odata.metadata=minimal, "generic REST" for application/json alone.',
  ),
  unsupported(411, 'LENGTH_REQUIRED', 'Check whether a proxy removes Content-Length.'),
  unsupported(413, 'BODY_TOO_LARGE', 'Send fewer or shorter fields.'),
  unsupported(414, 'URL_TOO_LONG', 'Name fewer fields or guard fields.'),
  unsupported(
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    'The API does not take the Content-Type application/json with this method. Choose the other method, PUT or PATCH, where it takes that one.',
  ),
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

const OTHER_ROWS: readonly Row[] = [
  { row: 40, status: [422], class: 'validation' },
  { row: 16, statusRange: [400, 499], class: 'validation' },
  { row: 49, statusRange: [500, 599], class: 'transient', ambiguous: true },
];

/**
 * The decision table (docs/decision-table.md) for single requests to any API, asked after the rows
 * about repeated requests and those of the family. The order matters: what a body or header says
 * comes before what its status alone would mean.
 */
export const COMMON_ROWS: readonly Row[] = [
  ...SUCCESS_ROWS,
  ...REDIRECT_ROWS,
  ...ACCESS_ROWS,
  ...CONFLICT_ROWS,
  ...PRECONDITION_ROWS,
  ...WAIT_ROWS,
  ...UNSUPPORTED_ROWS,
  ...OTHER_ROWS,
];

function unsupported(status: number, code: string, fix: string): Row {
  return { row: 22, status: [status], class: 'unsupported', code, fix };
}
