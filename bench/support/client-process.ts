import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { NodeSettings } from '../drivers/record-nodes';
import type { SoakPlan, SoakReport } from '../soak/soak';
import type { Growth, GrowthPlan } from './heap';
import { program } from './paths';
import type { HeapGrowth, ListPlan, ListTimes, SinglesPlan } from './lists';
import type { Burst, BurstPlan, CountPlan, Throughput, ThroughputPlan } from './work';

/** `base` is the flow of `node` with another build of the package. */
export type Variant = 'node' | 'base' | 'core' | 'undici';

/** What a client process is told at its start. */
export interface Opening {
  /** `dedupe`: no way of updating records, but of letting events through. `bulk`: lists of records. `queue`: updates that
   * are over once they are queued. */
  readonly variant: Variant | 'dedupe' | 'bulk' | 'queue';
  /** Of the server; `dedupe` needs none. */
  readonly url: string;
  /** Only for `node`, `base`, `bulk` and `queue`. */
  readonly settings?: NodeSettings;
  /** Folder of the build to measure, only for `base`. */
  readonly build?: string;
}

/** What it is told later, one at a time. */
export type Command =
  | { readonly name: 'measure'; readonly plan: ThroughputPlan }
  | { readonly name: 'count'; readonly plan: CountPlan }
  | { readonly name: 'burst'; readonly plan: BurstPlan }
  | { readonly name: 'growth'; readonly plan: GrowthPlan }
  | { readonly name: 'lists'; readonly plan: ListPlan }
  | { readonly name: 'singles'; readonly plan: SinglesPlan }
  | { readonly name: 'listHeap'; readonly plan: ListPlan }
  | { readonly name: 'soak'; readonly plan: SoakPlan }
  | { readonly name: 'close' };

export type Reply = { readonly result: unknown } | { readonly failure: string };

/** A client in a process of its own. */
export interface Client {
  measure(plan: ThroughputPlan): Promise<Throughput>;
  count(plan: CountPlan): Promise<void>;
  burst(plan: BurstPlan): Promise<Burst>;
  growth(plan: GrowthPlan): Promise<Growth>;
  soak(plan: SoakPlan): Promise<readonly SoakReport[]>;
  /** Only of `bulk`. */
  lists(plan: ListPlan): Promise<ListTimes>;
  /** Of territory assignments. */
  singles(plan: SinglesPlan): Promise<Omit<ListTimes, 'run'>>;
  /** Only of `bulk`. */
  listHeap(plan: ListPlan): Promise<HeapGrowth>;
  close(): Promise<void>;
}

/** Starts a client. Its calls reject with the client's words when it fails, or when it ends early. */
export async function startClient(opening: Opening): Promise<Client> {
  const child = fork(program('client'), [JSON.stringify(opening)], {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
  });
  const call = (command: Command): Promise<unknown> => {
    const reply = nextReply(child, opening.variant);
    child.send(command);
    return reply;
  };
  await nextReply(child, opening.variant);
  return {
    measure: plan => call({ name: 'measure', plan }) as Promise<Throughput>,
    count: plan => call({ name: 'count', plan }) as Promise<void>,
    burst: plan => call({ name: 'burst', plan }) as Promise<Burst>,
    growth: plan => call({ name: 'growth', plan }) as Promise<Growth>,
    soak: plan => call({ name: 'soak', plan }) as Promise<readonly SoakReport[]>,
    lists: plan => call({ name: 'lists', plan }) as Promise<ListTimes>,
    singles: plan => call({ name: 'singles', plan }) as Promise<Omit<ListTimes, 'run'>>,
    listHeap: plan => call({ name: 'listHeap', plan }) as Promise<HeapGrowth>,
    close: async () => {
      const ended = once(child, 'exit');
      await call({ name: 'close' });
      await ended;
    },
  };
}

function nextReply(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`the client ${name} ended unexpectedly`));
    child.once('exit', onExit);
    child.once('message', message => {
      child.off('exit', onExit);
      const reply = message as Reply;
      if ('failure' in reply) reject(new Error(`client ${name}: ${reply.failure}`));
      else resolve(reply.result);
    });
  });
}
