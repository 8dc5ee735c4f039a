import { setMaxListeners } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import { StopError } from '../../lib/errors';
import { Scope, type NodeParts } from './scope';
import type { StatusLine } from './status';

type Handle = (scope: Scope) => void | Promise<void>;
type Done = (error?: Error) => void;

/** Milliseconds a write that was already sent gets to finish when the flow is stopped. */
export const GRACE_MS = 5_000;

/**
 * The only place that listens for messages: exactly one `done` per message, whatever happens.
 * A listener that rejected would end the Node-RED process.
 */
export function onInput(RED: NodeAPI, node: Node, status: StatusLine, handle: Handle): void {
  const stop = new AbortController();
  const kill = new AbortController();
  // One listener per message under way is no leak.
  setMaxListeners(0, stop.signal, kill.signal);
  const parts: NodeParts = { RED, node, status, stop: stop.signal, kill: kill.signal };
  const running = new Set<Promise<void>>();

  node.on('input', (msg, send, done) => {
    const finished = finish(handle, new Scope(parts, msg, send), done);
    running.add(finished);
    void finished.then(() => running.delete(finished));
  });

  node.on('close', (done: () => void) => {
    stop.abort(new Error('The flow is being stopped.'));
    const grace = setTimeout(() => {
      kill.abort(new Error('The flow is being stopped.'));
    }, GRACE_MS);
    void Promise.allSettled(running).then(() => {
      clearTimeout(grace);
      done();
    });
  });
}

async function finish(handle: Handle, scope: Scope, done: Done): Promise<void> {
  try {
    await handle(scope);
  } catch (error) {
    // While the flow stops, the Catch node no longer passes anything on: the log is all that is left.
    if (error instanceof StopError) scope.node.warn(error.message);
    complete(scope, done, error instanceof Error ? error : new Error(String(error)));
    return;
  }
  complete(scope, done);
}

/** Node-RED copies the message for Catch and Complete nodes, and throws where it cannot: nobody else would hear of it. */
function complete({ node, translate }: Scope, done: Done, error?: Error): void {
  try {
    done(error);
  } catch (thrown) {
    if (error !== undefined) node.warn(error.message);
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    node.warn(translate('shared.warn.not-completed', { reason }));
  }
}
