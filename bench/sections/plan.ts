import { SOAK_PLAN, type SoakPlan } from '../soak/soak';

export interface BulkPlan {
  /** Of processes for lists and for single updates; so many rounds in each. */
  readonly pairs: number;
  readonly rounds: number;
  /** Of one list. */
  readonly records: number;
  /** Of them, updated one at a time. */
  readonly serial: number;
  /** Lists before anything is measured, and as many single updates. */
  readonly warmLists: number;
  /** Lists whose CPU time is measured together. */
  readonly cpuLists: number;
  /** Of a long list; half as many are measured beside it. */
  readonly long: number;
  /** Long lists before: until client and server have compiled what they run. */
  readonly warmLong: number;
  readonly longRounds: number;
}

export interface CoordinationPlan {
  readonly rounds: number;
  /** Of one throughput measurement. */
  readonly measureMs: number;
  /** Put into a queue and worked off, in each round. */
  readonly updates: number;
  /** Put into an idle queue one at a time. */
  readonly singles: number;
  /** Records that wait when their memory is measured. */
  readonly backlog: number;
  /** Of processes that hold something. */
  readonly kills: number;
  /** That update one record at once, and how often they do. */
  readonly processes: number;
  readonly crowds: number;
}

/** How much the benchmark does. */
export interface Plan {
  readonly rounds: number;
  /** Of one throughput measurement. */
  readonly measureMs: number;
  readonly warmUpMs: number;
  /** Updates of each build before it is compared, at each number of messages in flight. */
  readonly warmUpdates: number;
  /** Of processes of two builds, and rounds of each at each number of messages in flight. */
  readonly pairs: number;
  readonly pairRounds: number;
  readonly hotUpdates: number;
  readonly noiseRecords: number;
  readonly memory: { readonly from: number; readonly to: number };
  readonly soak: SoakPlan;
  /** Rows at once, and how long the API takes for a request. */
  readonly burst: { readonly rows: number; readonly latencyMs: number };
  /** Event ids to remember when their memory is measured. */
  readonly dedupeIds: number;
  readonly bulk: BulkPlan;
  /** Dead letters in the list. */
  readonly reviewEntries: number;
  readonly coordination: CoordinationPlan;
  /** Record sets of the service whose lists are opened in a browser; 0: none is. */
  readonly describedSets: number;
  /** Of a Node-RED with the package, and of one without it. */
  readonly idleStarts: number;
  /** Name of the shift whose machine events are worked through. */
  readonly shift: string;
  /** Pairs of processes that load all nodes. */
  readonly starts: number;
  /** Folder of another build of this package, to be measured beside it. */
  readonly base?: string;
  /** Folder of a build that stands for that of 0.1.0-rc.1. */
  readonly first?: string;
}

/** About ten minutes on two cores. */
export const FULL: Plan = {
  rounds: 7,
  measureMs: 1_200,
  warmUpMs: 2_000,
  warmUpdates: 10_000,
  pairs: 9,
  pairRounds: 4,
  hotUpdates: 50,
  noiseRecords: 500,
  memory: { from: 10_000, to: 100_000 },
  soak: SOAK_PLAN,
  burst: { rows: 5_000, latencyMs: 300 },
  dedupeIds: 1_000_000,
  reviewEntries: 10_000,
  bulk: {
    pairs: 3,
    rounds: 5,
    records: 500,
    serial: 100,
    warmLists: 30,
    cpuLists: 5,
    long: 10_000,
    warmLong: 6,
    longRounds: 9,
  },
  coordination: {
    rounds: 5,
    measureMs: 1_000,
    updates: 5_000,
    singles: 500,
    backlog: 100_000,
    kills: 3,
    processes: 4,
    crowds: 3,
  },
  describedSets: 2_000,
  starts: 21,
  idleStarts: 7,
  shift: 'shift-1',
};

/** Shows in seconds that everything runs; its figures mean nothing. */
export const QUICK: Plan = {
  rounds: 1,
  measureMs: 100,
  warmUpMs: 50,
  warmUpdates: 50,
  pairs: 1,
  pairRounds: 1,
  hotUpdates: 5,
  noiseRecords: 4,
  memory: { from: 100, to: 500 },
  burst: { rows: 120, latencyMs: 20 },
  soak: { updates: 100, workers: 16, orders: 20 },
  dedupeIds: 2_000,
  reviewEntries: 300,
  bulk: {
    pairs: 1,
    rounds: 1,
    records: 20,
    serial: 4,
    warmLists: 1,
    cpuLists: 1,
    long: 100,
    warmLong: 1,
    longRounds: 1,
  },
  coordination: {
    rounds: 1,
    measureMs: 50,
    updates: 50,
    singles: 5,
    backlog: 500,
    kills: 1,
    processes: 2,
    crowds: 1,
  },
  // The browser tests show that they open.
  describedSets: 0,
  starts: 1,
  idleStarts: 1,
  shift: 'shift-1-60',
};
