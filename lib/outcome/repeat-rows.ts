import type { Row } from './row';

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
