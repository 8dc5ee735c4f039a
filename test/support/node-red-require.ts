import { createRequire } from 'node:module';
import { ROOT } from '../../scripts/lib/root.mjs';

/** Loads modules of the Node-RED that was chosen for the tests (scripts/lib/chosen-node-red.mjs). */
export const nodeRedRequire = createRequire(
  `${process.env.RECORD_UPDATES_NODE_RED ?? ROOT}/package.json`,
);
