import type { Encounter } from '../../sandbox/people/encounters';
import { assignmentId, orderId } from '../../sandbox/ids';
import type { LoadName } from '../../sandbox/people/interference';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';

/**
 * Records at which the examples show what the nodes are for, in every run: noise that is healed at
 * one sales order, conflicts at another one and at a territory. All others meet what the load brings.
 */
const ENCOUNTERS: readonly Encounter[] = [
  {
    record: orderId(145),
    by: 'background',
    field: 'taxstatus',
    values: ['Calculated', 'Exempt', 'Pending'],
    times: 1,
  },
  {
    record: orderId(150),
    by: 'operator',
    field: 'orderstatus',
    values: ['Cancelled', 'Processing', 'New'],
  },
  {
    record: assignmentId(18),
    by: 'operator',
    field: 'salesRepId',
    values: ['EMP-108', 'EMP-109', 'EMP-110'],
  },
];

/** As many as one company syncs every hour, by the field reports. */
const TERRITORIES = 500;

/** The Practice API of one endpoint. */
export function startPracticeApi(load: LoadName): Promise<Sandbox> {
  const counts = { territories: TERRITORIES };
  return startSandbox({ ...counts, load, keepHistory: false, encounters: ENCOUNTERS });
}
