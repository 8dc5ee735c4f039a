import type { Encounter } from '../../sandbox/encounters';
import { orderId } from '../../sandbox/ids';
import type { LoadName } from '../../sandbox/interference';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';

/**
 * Two sales orders at which a first flow sees what the nodes are for, in every run: noise that is
 * healed, and a conflict. All other records meet what the load brings.
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
];

/** The Practice API of one endpoint. */
export function startPracticeApi(load: LoadName): Promise<Sandbox> {
  return startSandbox({ load, keepHistory: false, encounters: ENCOUNTERS });
}
