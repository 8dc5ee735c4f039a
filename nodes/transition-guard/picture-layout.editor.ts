import { Graph, layout } from '@dagrejs/dagre';
import type { MachineState, State } from '../../lib/lifecycle/machine';
import { allStates, faultOf, stepsFrom, type StateFault } from './state-faults.editor';
import { wrapName } from './wrap-name.editor';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state in the picture; `x` and `y` are its centre. */
export interface Box extends Point {
  readonly state: State;
  readonly width: number;
  readonly height: number;
  /** The name in lines that fit in. */
  readonly lines: readonly string[];
  readonly isEnd: boolean;
  readonly fault: StateFault | undefined;
}

/** An arrow, or the line from the dot that marks a start. */
export interface Line {
  readonly points: readonly Point[];
  /** The way back is allowed too. */
  readonly isTwoWay: boolean;
  /** It leads to a state that has no row. */
  readonly isFaulty: boolean;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  /** Centres of the dots from which records enter. */
  readonly starts: readonly Point[];
}

/** Radius of the dot that marks a start. */
export const DOT = 5;

/** Pixels from one line of text to the next. */
export const LINE_HEIGHT = 16;
const MIN_WIDTH = 76;
/** What is wrong with a state must fit in, in every language. */
const FAULTY_WIDTH = 128;
/** Generous, for text is not measured: the widest letters of the editor's font are rare in names. */
const CHARACTER_WIDTH = 7.6;
const PADDING = { x: 24, y: 16 };
const MARGIN = 10;
/** Pixels on either side of a box at which no line ends. */
const CORNER = 14;
/** Pixels before a box from which on a line is upright. */
const APPROACH = 14;

/**
 * Puts the states of a table, first to last, from top to bottom: an editor's tray is narrow. Works on tables in the
 * making too: of two rows with the same name the first counts.
 */
export function layOut(rows: readonly MachineState[]): Picture {
  const states = rows.filter(({ name }, index) => firstOf(rows, name) === index);
  const boxes = allStates(states).map(name => sized(name, states));
  const graph = new Graph<object, Sized, object>({ directed: true });
  graph.setGraph({ nodesep: 22, edgesep: 14, ranksep: 38, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) graph.setNode(idOf(box.state), { ...box });
  const starts = states.filter(({ role }) => role === 'start').map(({ name }) => name);
  for (const state of starts) addStart(graph, state);
  const arrows = arrowsOf(states);
  for (const { from, to } of arrows) graph.setEdge(idOf(from), idOf(to), {});
  layout(graph);
  return {
    ...sizeOf(graph),
    boxes: boxes.map(box => ({ ...box, ...pointOf(graph, idOf(box.state)) })),
    lines: [
      ...starts.map(state => startLine(graph, state)),
      ...arrows.map(arrow => drawn(graph, arrow, states)),
    ],
    starts: starts.map(state => pointOf(graph, startOf(state))),
  };
}

type Sized = Omit<Box, 'x' | 'y'> | { readonly width: number; readonly height: number };
type Drawing = Graph<object, Sized, object>;

interface Arrow {
  readonly from: State;
  readonly to: State;
  readonly isTwoWay: boolean;
}

function firstOf(rows: readonly MachineState[], name: State): number {
  return rows.findIndex(row => row.name === name);
}

/** Tells the number 1 from the text 1. */
function idOf(state: State): string {
  return JSON.stringify(state);
}

function startOf(state: State): string {
  return `start of ${idOf(state)}`;
}

function sized(state: State, states: readonly MachineState[]): Omit<Box, 'x' | 'y'> {
  const lines = wrapName(String(state));
  const fault = faultOf(state, states);
  const longest = Math.max(...lines.map(line => line.length));
  // What is wrong stands in a line of its own below the name.
  const count = lines.length + (fault === undefined ? 0 : 1);
  const minWidth = fault === undefined ? MIN_WIDTH : FAULTY_WIDTH;
  return {
    state,
    lines,
    fault,
    width: Math.max(minWidth, longest * CHARACTER_WIDTH + PADDING.x),
    height: count * LINE_HEIGHT + PADDING.y,
    isEnd: states.some(({ name, role }) => name === state && role === 'end'),
  };
}

/** One arrow per pair of states: the way back is its second head, which keeps the picture clear. */
function arrowsOf(states: readonly MachineState[]): readonly Arrow[] {
  const steps = states.flatMap(({ name }) =>
    stepsFrom(name, states).map(to => ({ from: name, to })),
  );
  const back = ({ from, to }: { from: State; to: State }): number =>
    steps.findIndex(step => step.from === to && step.to === from);
  return steps
    .map((step, index) => ({ ...step, index, back: back(step) }))
    .filter(step => step.back < 0 || step.back > step.index)
    .map(({ from, to, back }) => ({ from, to, isTwoWay: back >= 0 }));
}

function addStart(graph: Drawing, state: State): void {
  graph.setNode(startOf(state), { width: DOT * 2, height: DOT * 2 });
  graph.setEdge(startOf(state), idOf(state), {});
}

function startLine(graph: Drawing, state: State): Line {
  const points = pointsOf(graph, startOf(state), idOf(state));
  return { points, isTwoWay: false, isFaulty: false };
}

function drawn(
  graph: Drawing,
  { from, to, isTwoWay }: Arrow,
  states: readonly MachineState[],
): Line {
  const points = [...pointsOf(graph, idOf(from), idOf(to))].slice(1, -1);
  const start = docked(graph, from, points[0] ?? pointOf(graph, idOf(to)));
  const end = docked(graph, to, points.at(-1) ?? pointOf(graph, idOf(from)));
  return {
    points: [...start, ...points, ...end.reverse()],
    isTwoWay,
    isFaulty: faultOf(to, states) === 'unknown',
  };
}

/**
 * Where a line meets a box, and a point right before it: above or below, for beside it other boxes are close, and
 * upright, so that its head can be seen.
 */
function docked(graph: Drawing, state: State, towards: Point): Point[] {
  const { x, y } = pointOf(graph, idOf(state));
  const { width, height } = graph.node(idOf(state));
  const reach = width / 2 - CORNER;
  const side = towards.y < y ? -1 : 1;
  const meeting = {
    x: Math.min(Math.max(towards.x, x - reach), x + reach),
    y: y + (side * height) / 2,
  };
  return [meeting, { x: meeting.x, y: meeting.y + side * APPROACH }];
}

/** The layout writes its results into the labels of the graph. */
function sizeOf(graph: Drawing): Pick<Picture, 'width' | 'height'> {
  const { width, height } = graph.graph() as Pick<Picture, 'width' | 'height'>;
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

function pointOf(graph: Drawing, id: string): Point {
  const { x, y } = graph.node(id) as unknown as Point;
  return { x, y };
}

function pointsOf(graph: Drawing, from: string, to: string): readonly Point[] {
  return (graph.edge(from, to) as { points: readonly Point[] }).points;
}
