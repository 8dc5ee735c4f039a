// npm start: the package as users get it, in a Node-RED of its own, with every example running.
// npm start -- --check: the same until each example has shown its result, then ends.
//
// Imports nothing at the top that an old Node.js cannot read: it would not get to the sentence.
import { ownNodeFault } from './lib/node-version.mjs';

const fault = ownNodeFault();
if (fault) {
  console.error(fault);
  process.exitCode = 1;
} else {
  import('./lib/start.mjs').then(({ start }) => start(process.argv.slice(2)));
}
