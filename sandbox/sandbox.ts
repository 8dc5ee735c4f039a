import { CONTROL_PREFIX, control } from './control';
import { receive, send } from './exchange';
import type { FaultRule } from './fault-rules';
import type { Load, LoadRates } from './interference';
import { listen } from './listener';
import type { SandboxOptions } from './options';
import { Pipeline } from './pipeline';
import { RecordControl } from './record-control';
import { forEachKind } from './record-kinds';
import type { RecordKind } from './record-kinds';
import type { SapControl } from './sap/sessions';
import type { Stats } from './stats';
import type { CxControl } from './territories/cx-control';
import { World } from './world';

/** The faults that are switched on, for everything that comes in from now on. */
export interface FaultControl {
  /** Throws when the rule is not usable. */
  add(rule: FaultRule): void;
  clear(): void;
  /** The rules that can still strike. */
  list(): readonly FaultRule[];
}

/** A running sandbox, with the records of every kind. */
export interface Sandbox extends Readonly<Record<RecordKind, RecordControl>> {
  /** Origin without a slash at the end, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  readonly sap: SapControl;
  readonly cx: CxControl;
  readonly faults: FaultControl;
  readonly load: LoadRates;
  /** Throws when the load is neither a known name nor rates between 0 and 1. */
  setLoad(load: Load): void;
  stats(): Stats;
  /** Every token handed out so far stops working. */
  revokeTokens(): void;
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
