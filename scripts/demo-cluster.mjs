// npm run demo:cluster: two Node-RED with the same flow and one Redis, a load on both, one of them killed in the middle.
// Ends with 0 only if every update that was accepted is in place and none was written over a newer one.
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
  const { demonstrate } = await import('./lib/cluster/demo.mjs');
  process.exitCode = (await demonstrate()) ? 0 : 1;
} catch (error) {
  console.error(`\nnpm run demo:cluster failed: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
