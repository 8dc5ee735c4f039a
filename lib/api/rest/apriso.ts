import type { Row } from '../../outcome/row';
import type { ApiFamily } from '../family';
import { DEFAULT_API_SETTINGS } from '../settings';
import { createRest } from './rest';

/**
 * Work orders of Apriso: `work-orders/WO-12345`, versions such as `"v7"` in the ETag header. A 409 is a change by
 * somebody else or a transition that is not allowed; only a re-read tells which.
 */
export function createApriso(): ApiFamily {
  const rest = createRest(DEFAULT_API_SETTINGS);
  return {
    ...rest,
    id: 'apriso',
    label: 'Apriso',
    methods: ['PATCH', 'PUT'],
    noVersionFix:
      'Apriso sends it in the ETag header of a single work order. Check Records, for example "work-orders", and whether a gateway in between removes the header.',
    rows: [...rest.rows, TRANSITION_ROW],
  };
}

/** A transition that is refused may come as 422. The name of a member such as `"status":422` says nothing. */
const TRANSITION_ROW: Row = {
  row: 39,
  status: [422],
  method: ['PATCH', 'PUT', 'POST'],
  text: /\btransition|\bstatus\b(?!"\s*:)/i,
  class: 'undetermined',
};
