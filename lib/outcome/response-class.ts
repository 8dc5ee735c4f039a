/**
 * What one answer to a write means (docs/decision-table.md).
 * Exactly one outcome belongs to each class that ends an update.
 */
export type ResponseClass =
  | 'success' // 2xx that proves our write
  | 'unverified' // 2xx that proves nothing: unreadable body, login page
  | 'unexpected-create' // 201 on an update
  | 'pending' // 202: accepted, not done
  | 'version-conflict' // the version moved, as far as the API says
  | 'undetermined' // 409/422 that only a re-read can tell apart
  | 'state-conflict' // this transition is refused from the current state
  | 'in-progress' // an earlier request with our Idempotency-Key is still at work
  | 'validation'
  | 'duplicate'
  | 'not-found'
  | 'auth' // 401
  | 'forbidden' // 403
  | 'csrf' // the session's token is missing or outdated
  | 'redirect'
  | 'precondition-required' // 428 and relatives
  | 'unsupported' // the API or its configuration cannot do this
  | 'throttled'
  | 'transient'; // network, 5xx, locked
