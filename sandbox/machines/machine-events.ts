import { draw, hashText, pick } from '../random';
import { isOnMachine, walk } from './signals';
import type { Defect, MachineEvent, Move } from './signals';
import { arrivalOfCopy, arrivals, signalTimes } from './timing';
import type { Chance } from './timing';

/** A work order and its status at the start. */
export interface OrderOnFloor {
  readonly id: string;
  readonly status: string;
}

/** What the machines of a shift are to signal. */
export interface MachinePlan {
  readonly seed: number;
  /** How many events there are, copies included. Default 1000. */
  readonly count?: number;
  /** Share of them that are copies, 0 to 1. Default 0.2. */
  readonly duplicates?: number;
  readonly orders: readonly OrderOnFloor[];
  /** Milliseconds since the epoch. */
  readonly startAt: number;
}

const DEFAULTS = { count: 1000, duplicates: 0.2 } as const;

const STREAMS = ['move', 'time', 'operation', 'defect', 'machine', 'which'] as const;
const CHANCES = ['late', 'overtaken', 'delay', 'at once', 'after', 'gap'] as const;

const OPERATIONS = ['0010', '0020', '0030', '0040', '0050'] as const;
const DEFECTS: readonly [Defect, ...Defect[]] = [
  { reasonCode: 'RR-1', type: 'Dimension', hold: 'Held', instructions: 'Grind to size' },
  { reasonCode: 'RR-2', type: 'Scratch', hold: 'Held', instructions: 'Polish again' },
  { reasonCode: 'RR-3', type: 'Burr', hold: 'Released', instructions: 'Deburr by hand' },
  { reasonCode: 'RR-4', type: 'Missing part', hold: 'Held', instructions: 'Fit the part' },
];

/** All signals of one work order, as they arrive for the first time. */
type Trail = readonly MachineEvent[];

/**
 * The events of a shift in the order of their arrival: the same for the same plan. Each work order is
 * led through the state machine from its status by signals whose `at` increases; what is complete,
 * closed or cancelled gets none. The signals are shared out evenly: with few orders each goes through
 * more holds and reworks. They come in bursts, 1,000 in about 8 s. About 2 in 100 arrive after signals
 * that were given later, of other work orders or of the same. A copy has the same id and `at`, and
 * arrives at once or after later signals of its order. Empty when no order is on a machine.
 */
export function machineEvents(given: MachinePlan): readonly MachineEvent[] {
  const plan = { ...DEFAULTS, ...given };
  const { count, duplicates } = plan;
  const copies = Math.round(count * duplicates);
  const orders = plan.orders.filter(({ status }) => isOnMachine(status));
  const trails = orders.map((order, n) =>
    trailOf(order, share(count - copies, orders.length, n), plan),
  );
  const events = [...trails.flat(), ...copiesOf(trails, copies, plan.seed)];
  return events.sort((a, b) => a.afterMs - b.afterMs);
}

/** How many of `total` fall to the n-th of `parts`, so that all shares add up and differ by one at most. */
function share(total: number, parts: number, n: number): number {
  return Math.floor(((n + 1) * total) / parts) - Math.floor((n * total) / parts);
}

function trailOf(order: OrderOnFloor, length: number, plan: Required<MachinePlan>): Trail {
  const { seed, count, startAt } = plan;
  // Not the hash of the record: its operators draw from that one.
  const hash = hashText(`machine of ${order.id}`, seed);
  const random = (n: number, about: (typeof STREAMS)[number]): number =>
    draw(hash, n, STREAMS.indexOf(about));
  const given = signalTimes(length, count, n => random(n, 'time'));
  const arrived = arrivals(given, n => chanceOf(hash, n));
  const machine = `PLC-${String(1 + Math.floor(random(0, 'machine') * 8))}`;
  const shift = `${String(seed)}-${String(count)}-${startAt.toString(36)}`;
  return walk(order.status, length, n => random(n, 'move')).map((move, n) => ({
    id: `${shift}-${order.id}-${String(n + 1)}`,
    at: new Date(startAt + (given[n] ?? 0)).toISOString(),
    afterMs: arrived[n] ?? 0,
    machine,
    signal: move.signal,
    workOrder: order.id,
    status: move.status,
    operationId: pick(OPERATIONS, random(n, 'operation')) ?? OPERATIONS[0],
    ...defectOf(move, random(n, 'defect')),
  }));
}

function defectOf({ signal }: Move, random: number): Pick<MachineEvent, 'defect'> {
  return signal === 'DEFECT' ? { defect: pick(DEFECTS, random) ?? DEFECTS[0] } : {};
}

/** Copies of signals chosen at random; a signal may have several. */
function copiesOf(trails: readonly Trail[], copies: number, seed: number): readonly MachineEvent[] {
  const places = trails.flatMap(trail => trail.map((event, n) => ({ event, trail, n })));
  const hash = hashText('copies', seed);
  return Array.from({ length: copies }, (_, turn) => {
    const place = pick(places, draw(hash, turn, STREAMS.indexOf('which')));
    if (place === undefined) return [];
    const { event, trail, n } = place;
    const arrived = trail.map(({ afterMs }) => afterMs);
    return [{ ...event, afterMs: arrivalOfCopy(arrived, n, chanceOf(hash, turn)) }];
  }).flat();
}

function chanceOf(hash: number, turn: number): Chance {
  return about => draw(hash, turn, STREAMS.length + CHANCES.indexOf(about));
}
