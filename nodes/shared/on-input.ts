import { setMaxListeners } from 'node:events';
import type { Node, NodeMessageInFlow } from 'node-red';
import { StopError } from '../../lib/errors';

/** A message on its way through a node: any property may be there. */
export type Message = NodeMessageInFlow & Record<string, unknown>;

export interface Work {
  /** Sends one message per output. Throws StopError when the flow is being stopped: nobody would receive it. */
  readonly send: (outputs: (Message | null)[]) => void;
  /** The flow is being stopped: waits and reads end. */
  readonly stop: AbortSignal;
  /** A grace period later: a write already sent ends too. */
  readonly kill: AbortSignal;
}

type Handle = (msg: Message, work: Work) => void | Promise<void>;

/** Milliseconds a write that was already sent gets to finish when the flow is stopped. */
export const GRACE_MS = 5_000;

/**
 * The only place that listens for messages: exactly one `done` per message, whatever happens.
 * A listener that rejected would end the Node-RED process.
 */
export function onInput(node: Node, handle: Handle): void {
  const stop = new AbortController();
  const kill = new AbortController();
  // One listener per message under way is no leak.
  setMaxListeners(0, stop.signal, kill.signal);
  const running = new Set<Promise<void>>();

  node.on('input', (msg, send, done) => {
    const work: Work = {
      stop: stop.signal,
      kill: kill.signal,
      send: outputs => {
        if (stop.signal.aborted) throw notPassedOn();
        send(outputs);
      },
    };
    const finished = run(handle, msg as Message, work)
      .then(
        () => {
          done();
        },
        (error: unknown) => {
          // While the flow stops, the Catch node no longer passes anything on: the log is all that is left.
          if (error instanceof StopError) node.warn(error.message);
          done(error instanceof Error ? error : new Error(String(error)));
        },
      )
      .finally(() => running.delete(finished));
    running.add(finished);
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

/** As a promise even where the handler throws at once. */
async function run(handle: Handle, msg: Message, work: Work): Promise<void> {
  await handle(msg, work);
}

function notPassedOn(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the message could be passed on.');
}
