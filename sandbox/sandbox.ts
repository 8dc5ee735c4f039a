import { setBulk } from './bulk/settings';
import { CONTROL_PREFIX, control } from './control';
import type { Controls } from './control';
import { listen, receive, send } from './http/server';
import type { SandboxOptions } from './options';
import { Pipeline } from './pipeline';
import { RecordControl } from './records/record-control';
import { forEachKind } from './records/record-kinds';
import { World } from './world';

/** A running sandbox. */
export interface Sandbox extends Controls {
  /** Origin without a slash at the end, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection at once. Nothing is committed afterwards. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Plays APIs in the manner of Dataverse, Finance & Operations, SAP Gateway, SAP CX, Apriso and CouchDB,
 * the machines of a shop floor and an OAuth2 token endpoint on 127.0.0.1. Rejects when the port is taken or an option is not usable.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = new World(options);
  const pipeline = new Pipeline(world);
  const listener = await listen(options.port ?? 0, (message, response) => {
    receive(message, request => {
      if (request.path.startsWith(CONTROL_PREFIX)) send(response, control(sandbox, request));
      else
        pipeline.serve(request, reply => {
          send(response, reply);
        });
    });
  });
  const sandbox = facade(world, listener.port, async () => {
    pipeline.close();
    await listener.close();
  });
  return sandbox;
}

function facade(world: World, port: number, close: () => Promise<void>): Sandbox {
  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    ...forEachKind(kind => new RecordControl(world.apis[kind])),
    sap: world.sap,
    cx: world.cx,
    bulk: world.bulk,
    setBulk: changes => {
      setBulk(world.bulk, { ...changes });
    },
    faults: world.faults,
    get load() {
      return world.interference.load;
    },
    setLoad: load => {
      world.interference.setLoad(load);
    },
    stats: () => world.stats(),
    revokeTokens: () => {
      world.tokens.revokeAll();
    },
    close,
  };
}
