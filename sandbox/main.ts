import { fstatSync } from 'node:fs';
import { optionsFrom } from './command-line';
import { startSandbox } from './sandbox';

/** Runs a sandbox of its own; prints `{"url", "pid"}` as one line when it is ready. */
async function main(): Promise<void> {
  const sandbox = await startSandbox(optionsFrom(process.argv.slice(2)));
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  onParentGone(stop);
  process.stdout.write(`${JSON.stringify({ url: sandbox.url, pid: process.pid })}\n`);
}

/** A parent that dies closes the pipe it gave us, and the IPC channel; a terminal tells nothing. */
function onParentGone(stop: () => void): void {
  process.once('disconnect', stop);
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once('end', stop).resume();
}

main().catch((error: unknown) => {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
