import { isDuplicate } from './reports.mjs';

/** @typedef {import('./types.mjs').OrderCase} OrderCase */

/**
 * What a shift met: a run without it proves nothing.
 * @typedef {object} Met
 * @property {number} duplicates deliveries that were reported as such
 * @property {number} backgroundChanges
 * @property {number} statusChanges of operators
 * @property {number} opened times an operator opened an order in his terminal
 * @property {number} refusedWrites answered 409
 * @property {number} lostResponses writes that were applied, and the answer was lost
 */

/** @param {readonly OrderCase[]} orders @returns {Met} */
export function whatWasMet(orders) {
  const changes = orders.flatMap(({ timeline }) => timeline.moments.map(({ change }) => change));
  const operators = changes.filter(({ by }) => by === 'operator');
  const writes = orders.flatMap(({ requests }) =>
    requests.filter(({ method }) => method !== 'GET'),
  );
  return {
    duplicates: orders.flatMap(({ reports }) => reports).filter(isDuplicate).length,
    backgroundChanges: changes.filter(({ by }) => by === 'background').length,
    statusChanges: operators.filter(({ fields }) => fields.status !== undefined).length,
    opened: operators.filter(({ fields }) => (fields.openedBy?.after ?? null) !== null).length,
    refusedWrites: writes.filter(({ status }) => status === 409).length,
    lostResponses: writes.filter(({ status, answered }) => status < 300 && !answered).length,
  };
}
