import type { StateMachine } from './machine';

/** Work orders of a manufacturing execution system, with what must be known before one goes to rework. */
export const WORK_ORDERS: StateMachine = {
  states: [
    { name: 'Released', role: 'start', next: ['In Progress', 'Cancelled'] },
    { name: 'In Progress', next: ['Complete', 'On Hold', 'Rework'] },
    { name: 'On Hold', next: ['In Progress'] },
    {
      name: 'Rework',
      next: ['In Progress'],
      required: [
        'reworkReasonCode',
        'defectType',
        'qualityHoldStatus',
        'reworkInstructions',
        'originalOperationId',
      ],
    },
    { name: 'Complete', next: ['Closed'] },
    { name: 'Closed', role: 'end', next: [] },
    { name: 'Cancelled', role: 'end', next: [] },
  ],
};

/** Sales orders; what has left the warehouse cannot be cancelled any more. */
export const SALES_ORDERS: StateMachine = {
  states: [
    { name: 'New', role: 'start', next: ['Processing', 'Cancelled'] },
    { name: 'Processing', next: ['Shipped', 'Cancelled'] },
    { name: 'Shipped', next: ['Delivered'] },
    { name: 'Delivered', role: 'end', next: [] },
    { name: 'Cancelled', role: 'end', next: [] },
  ],
};
