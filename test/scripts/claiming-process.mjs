// Holds a claim until it is killed, or its parent is gone: a listener keeps the channel open.
import { claim } from '../../scripts/lib/claim.mjs';

process.on('message', () => undefined);
await claim('test', () => 'held by the process', process.argv[2]);
process.send?.('held');
