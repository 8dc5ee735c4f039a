// The shapes that the parts of the shift-change run hand to each other.

/** @typedef {import('../../../sandbox/journal.js').Change} Change */
/** @typedef {import('../../../sandbox/journal.js').LoggedRequest} LoggedRequest */

/**
 * One delivery of a machine's event; a repeated signal is another delivery with the same id.
 * @typedef {object} MachineEvent
 * @property {string} id
 * @property {string} workOrder
 * @property {string} status the one that the work order is to get
 * @property {string} at ISO 8601 time of the signal
 * @property {string} [operationId] the operation that ran
 * @property {import('../../../sandbox/machines/machine-event.js').Defect} [defect] for a rework
 */

/**
 * How one delivery ended, as the flow tells it.
 * @typedef {object} EventReport
 * @property {string} id
 * @property {string} workOrder
 * @property {string} status the wanted one
 * @property {string} at ISO 8601 time of the signal
 * @property {number} arrivedAt milliseconds since the epoch
 * @property {number} ms from arrival to end
 * @property {string} end an outcome, `duplicate`, or `error` for a fault of the flow
 * @property {boolean} [pending] of a duplicate: the first delivery is not through yet
 * @property {string} [reason] for people, where the event was not carried out
 * @property {import('../../../lib/lifecycle/guard.js').Refusal} [refused]
 * @property {import('../../../lib/outcome/outcome.js').Conflict} [conflict]
 */

/**
 * What the server knows about one work order.
 * @typedef {object} OrderRecord
 * @property {readonly Change[]} history oldest first, from its creation
 * @property {readonly LoggedRequest[]} requests
 */

/**
 * Everything about one work order, for the rules of the judge.
 * @typedef {object} OrderCase
 * @property {string} workOrder
 * @property {readonly MachineEvent[]} events deliveries
 * @property {readonly EventReport[]} reports
 * @property {import('./timeline.mjs').Timeline} timeline
 * @property {readonly LoggedRequest[]} requests
 * @property {ReadonlyMap<string, readonly number[]>} effects event id → when its changes were made,
 *   milliseconds since the epoch
 */

/**
 * @typedef {object} Finding
 * @property {import('./rules.mjs').FaultKind} kind
 * @property {string} workOrder
 * @property {string} text for people
 */

export {};
