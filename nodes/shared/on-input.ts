import { setMaxListeners } from 'node:events';
import type { Node } from 'node-red';
import { StopError } from '../../lib/errors';
import { deploysOf } from './deploys';
import { releaseLeases } from './lease';
import type { NodeAPI } from './node-api';
import { Scope, type Message, type NodeParts } from './scope';
import type { StatusLine } from './status';
import { Unwired } from './unwired';

type Handle = (scope: Scope) => void | Promise<void>;
type Done = (error?: Error) => void;

/** How a node stands when it starts. */
interface Standing {
  readonly status: StatusLine;
  /** Of its settings: every message is refused with it. */
  readonly fault: Error | undefined;
}

/** Milliseconds a write that was already sent gets to finish when the flow is stopped. */
export const GRACE_MS = 5_000;

/** Makes the scope of a message that the node sends by itself. */
export type Begin = (msg: Message) => Scope;

/**
 * The only place that listens for messages: exactly one `done` per message, whatever happens.
 * A listener that rejected would end the Node-RED process.
 */
export function onInput(
  RED: NodeAPI,
  node: Node,
  { status, fault }: Standing,
  given: Handle,
): Begin {
  const handle = fault === undefined ? given : refuse(status, fault);
  const stop = new AbortController();
  const kill = new AbortController();
  // One listener per message under way is no leak.
  setMaxListeners(0, stop.signal, kill.signal);
  const unwired = new Unwired(RED, node, status);
  const parts: NodeParts = { RED, node, status, unwired, stop: stop.signal, kill: kill.signal };
  const running = new Set<Promise<void>>();
  const deploys = deploysOf(RED);

  const listen = (): void => {
    node.on('input', (msg, send, done) => {
      const finished = finish(handle, new Scope(parts, msg, send), done);
      running.add(finished);
      void finished.then(() => running.delete(finished));
    });
  };
  listen();

  node.on('close', (done: () => void) => {
    stop.abort(new Error('The flow is being stopped.'));
    const grace = setTimeout(() => {
      kill.abort(new Error('The flow is being stopped.'));
    }, GRACE_MS);
    const over = Promise.allSettled(running).then(() => {
      clearTimeout(grace);
    });
    const closed = (): void => {
      done();
      // Node-RED now takes the listener away. A message that is on its way to this node would be gone without a word.
      afterPromises(listen);
    };
    if (deploys.isPartial) {
      // The rest of the flow is running, and Node-RED drops what it sends here until the next node has started.
      status.end();
      deploys.inBackground(over);
      closed();
    } else {
      void Promise.all([over, deploys.settled()]).then(closed);
    }
  });

  return msg =>
    new Scope(parts, msg, outputs => {
      node.send(outputs);
    });
}

/** Every node that takes messages has a text for it. */
const ERROR = 'error';

function refuse(status: StatusLine, fault: Error): Handle {
  status.notDone(ERROR);
  return () => {
    throw fault;
  };
}

/** Once every promise that is settled by now has had its say, and before anything else happens. */
function afterPromises(then: () => void): void {
  queueMicrotask(() => {
    process.nextTick(then);
  });
}

async function finish(handle: Handle, scope: Scope, done: Done): Promise<void> {
  try {
    await handle(scope);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(inWords(thrown));
    if (error instanceof StopError) await stopped(scope, error);
    tell(scope, done, error);
    return;
  }
  tell(scope, done);
}

/** The message ends here: what it holds is free, and where no Catch node is left to pass it on, the log has it. */
async function stopped(scope: Scope, error: StopError): Promise<void> {
  scope.node.warn(error.message);
  await releaseLeases(scope);
}

/** Catch and Complete nodes get a copy of the message, and a message that cannot be copied throws. */
function tell({ node }: Scope, done: Done, error?: Error): void {
  try {
    if (error === undefined) done();
    else done(error);
  } catch (fault) {
    const what = error === undefined ? 'The message is done with' : error.message;
    node.error(`${what} (Catch and Complete nodes could not be told: ${inWords(fault)})`);
  }
}

function inWords(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return `a value of type ${typeof thrown} was thrown`;
  }
}
