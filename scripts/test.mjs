// npm test: everything that must hold before a change lands. The last line counts it.
// npm test -- NAME …: only the tests of the files whose path holds one of the names.
import { ensureInstalled } from './lib/install.mjs';
import { ownNodeFault } from './lib/node-version.mjs';
import { Tally } from './lib/tally.mjs';

const names = process.argv.slice(2);
const tally = new Tally({ strict: process.env.CI === 'true' });
// However this ends: by itself, by Ctrl-C, or by somebody who has no patience.
process.once('exit', code => {
  const closing = tally.close(code);
  process.exitCode = closing.exitCode;
  for (const line of closing.lines) console.log(line);
});

try {
  const fault = ownNodeFault();
  if (fault) throw new Error(fault);
  await ensureInstalled();
  const { chooseNodeRed } = await import('./lib/chosen-node-red.mjs');
  await chooseNodeRed();
  const { startChecks } = await import('./lib/checks.mjs');
  const { runTests } = await import('./lib/run-tests.mjs');
  tally.watch();
  const checks = names.length === 0 ? startChecks(tally) : undefined;
  // The tests begin as soon as there is a build: those in the browser, one after the other, end last.
  await Promise.all([checks, runTests(names, tally)]);
} catch (error) {
  tally.fail('npm test', /** @type {Error} */ (error).stack ?? String(error));
}
