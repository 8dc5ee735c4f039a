import type { FlowNode } from '../../scripts/lib/examples.mjs';

/** Left, top, right and bottom in pixels of the workspace. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A wire from an output, counted from 0, to another node. */
export interface Wire {
  readonly from: FlowNode;
  readonly output: number;
  readonly to: FlowNode;
}

/** How much wider than Helvetica the font may be that a browser takes instead. */
export type FontFactor = number;

/** Widths of the ASCII characters from space on in Helvetica, in thousandths of the font size. */
const WIDTHS = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556],
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556],
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
];
const AVERAGE_WIDTH = 556;
const FONT_SIZE = 14;
const GRID = 20;
const NODE_HEIGHT = 30;
const LINK_SIZE = 30;
/** Icon and margins beside the label, and what an input adds. */
const BESIDE_LABEL = 50;
const INPUT_WIDTH = 7;
const PORT_DISTANCE = 13;
/** The button of inject and debug nodes, as far as it stands out. */
const BUTTON_WIDTH = 20;

/** How far the curve of a wire keeps its direction, and the distance from which on it does not grow. */
const CURVE_SCALE = 0.75;
const CURVE_REACH = 100;
const CURVE_STEPS = 24;

const WITHOUT_INPUT = ['inject', 'catch', 'comment', 'http in', 'link in'];

/** A node as the editor draws it, without its button. */
export function boxOf(node: FlowNode, font: FontFactor): Box {
  const width = widthOf(node, font);
  const height = Math.max(NODE_HEIGHT, outputsOf(node) * 15);
  const left = Number(node.x) - width / 2;
  const top = Number(node.y) - height / 2;
  return { left, top, right: left + width, bottom: top + height };
}

/** A node with the button beside it. */
export function boxWithButton(node: FlowNode, font: FontFactor): Box {
  const box = boxOf(node, font);
  if (node.type === 'inject') return { ...box, left: box.left - BUTTON_WIDTH };
  return node.type === 'debug' ? { ...box, right: box.right + BUTTON_WIDTH } : box;
}

/** The frame of a group. */
export function frameOf(group: FlowNode): Box {
  const [left, top] = [Number(group.x), Number(group.y)];
  return { left, top, right: left + Number(group.w), bottom: top + Number(group.h) };
}

/** The wires between nodes of a flow; what link nodes connect is not drawn. */
export function wiresOf(nodes: readonly FlowNode[]): Wire[] {
  const byId = new Map(nodes.map(node => [node.id, node]));
  return nodes.flatMap(from =>
    portsOf(from).flatMap((ends, output) =>
      ends.map(id => {
        const to = byId.get(id);
        if (to === undefined) throw new Error(`${from.type} ${from.id} leads to nothing`);
        return { from, output, to };
      }),
    ),
  );
}

/** A wire as the editor draws it from left to right, as points of its curve. */
export function curveOf(wire: Wire, font: FontFactor): Point[] {
  const [start, end] = endsOf(wire, font);
  const distance = Math.hypot(end.x - start.x, end.y - start.y);
  const reach = CURVE_SCALE * Math.min(distance, CURVE_REACH);
  return Array.from({ length: CURVE_STEPS + 1 }, (_, step) => {
    const t = step / CURVE_STEPS;
    const along = (a: number, b: number, c: number, d: number): number =>
      (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
    return {
      x: along(start.x, start.x + reach, end.x - reach, end.x),
      y: along(start.y, start.y, end.y, end.y),
    };
  });
}

/** Where a wire begins and ends. */
function endsOf({ from, output, to }: Wire, font: FontFactor): [Point, Point] {
  const shift = (output - (outputsOf(from) - 1) / 2) * PORT_DISTANCE;
  return [
    { x: boxOf(from, font).right, y: Number(from.y) + shift },
    { x: boxOf(to, font).left, y: Number(to.y) },
  ];
}

/** Whether two stretches have a point in common that is no end of both. */
export function cross([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  const side = (p: Point, q: Point, r: Point): number =>
    Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether a stretch runs through a box. */
export function runsThrough([a, b]: readonly [Point, Point], box: Box): boolean {
  const { left, top, right, bottom } = box;
  const diagonals: [Point, Point][] = [
    [
      { x: left, y: top },
      { x: right, y: bottom },
    ],
    [
      { x: left, y: bottom },
      { x: right, y: top },
    ],
  ];
  return diagonals.some(diagonal => cross([a, b], diagonal));
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    outer.left <= inner.left &&
    outer.top <= inner.top &&
    inner.right <= outer.right &&
    inner.bottom <= outer.bottom
  );
}

/** The outputs of a node: per output the ids of the nodes it leads to. */
export function portsOf(node: FlowNode): readonly (readonly string[])[] {
  return (node.wires ?? []) as string[][];
}

function outputsOf(node: FlowNode): number {
  return portsOf(node).length;
}

function widthOf(node: FlowNode, font: FontFactor): number {
  if (node.type.startsWith('link ') && node.l !== true) return LINK_SIZE;
  const input = WITHOUT_INPUT.includes(node.type) ? 0 : INPUT_WIDTH;
  const label = textWidth(labelOf(node)) * font + BESIDE_LABEL + input;
  return Math.max(100, GRID * Math.ceil(label / GRID));
}

/** An inject node that starts by itself says so. */
function labelOf({ type, name = '', once }: FlowNode): string {
  return type === 'inject' && once === true ? `${name} ¹` : name;
}

function textWidth(text: string): number {
  let thousandths = 0;
  for (let at = 0; at < text.length; at += 1) {
    thousandths += WIDTHS[text.charCodeAt(at) - 32] ?? AVERAGE_WIDTH;
  }
  return (thousandths / 1000) * FONT_SIZE;
}
