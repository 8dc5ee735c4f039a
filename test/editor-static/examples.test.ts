import { describe, expect, it } from 'vitest';
import { loadExamples, loadFlowsOfDocs, type FlowNode } from '../../scripts/lib/examples.mjs';
import { inRoot, readJson, readManifest } from '../../scripts/lib/root.mjs';
import {
  boxOf,
  boxWithButton,
  contains,
  cross,
  curveOf,
  frameOf,
  overlap,
  portsOf,
  runsThrough,
  wiresOf,
  type Box,
  type Wire,
} from '../support/flow-picture';

const OWN_TYPES = Object.keys(readManifest()['node-red'].nodes);
/** Core nodes show one, too, where they have something to say. */
const STATUS_TYPES = [...OWN_TYPES, 'debug', 'function', 'http request'];

/** Helvetica, and the widest font that browsers commonly take in its place. */
const FONTS = [1, 1.18];
const GRID = 20;
/** Characters of a comment's name: what is longer belongs into its description. */
const LONGEST_COMMENT = 60;
/** Pixels between a node and a wire that passes by. */
const CLEARANCE = 4;
/** Pixels below a node that its status needs. */
const STATUS_HEIGHT = 18;
/** Least width of a wire that runs from left to right. */
const SHORTEST_WIRE = 20;

const FLOWS = [
  ...loadExamples().map(example => [`examples/${example.name}`, example] as const),
  ...loadFlowsOfDocs().map(flow => [`docs/flows/${flow.name}`, flow] as const),
];

describe.each(FLOWS)('%s', (name, { nodes }) => {
  const tab = nodes.filter(({ z, type }) => z !== undefined && type !== 'group');
  const groups = nodes.filter(({ type }) => type === 'group');
  const wires = wiresOf(tab);
  const nameOf = ({ type, name: label }: FlowNode): string => label ?? type;

  it('has ids as the editor makes them', () => {
    const saved = readJson(inRoot(`${name}.json`)) as FlowNode[];
    expect(saved.filter(({ id }) => !/^[0-9a-f]{16}$/.test(id))).toEqual([]);
    expect(new Set(saved.map(({ id }) => id)).size).toBe(saved.length);
  });

  it('names every node, so that its picture is the same in every language', () => {
    expect([...tab, ...groups].filter(({ name: label }) => (label ?? '') === '')).toEqual([]);
  });

  it('says in one comment what it shows, in a line that is not cut', () => {
    const comments = tab.filter(({ type }) => type === 'comment');
    expect(comments).toHaveLength(1);
    expect(comments.map(nameOf).filter(text => text.length > LONGEST_COMMENT)).toEqual([]);
    expect(comments[0]?.name).toMatch(/^Shows: /);
    expect(String(comments[0]?.info).length).toBeGreaterThan(100);
  });

  it('stands on the grid', () => {
    const left = (node: FlowNode): number => boxOf(node, 1).left;
    const off = tab.filter(node => left(node) % GRID !== 0 || Number(node.y) % GRID !== 0);
    expect(off.map(nameOf)).toEqual([]);
  });

  it('holds every node but the comment in a group, and nothing else in it', () => {
    const frames = new Map(groups.map(group => [group.id, frameOf(group)]));
    const misplaced = tab.filter(node => {
      const box = boxWithButton(node, 1);
      const own = frames.get(String(node.g));
      const inside = own === undefined ? node.type === 'comment' : contains(own, box);
      return !inside || [...frames.values()].some(frame => frame !== own && overlap(frame, box));
    });
    expect(misplaced.map(nameOf)).toEqual([]);
    const members = groups.flatMap(group => (group.nodes as string[]).map(id => [id, group.id]));
    const belong = tab.filter(({ g }) => g !== undefined).map(({ id, g }) => [id, g]);
    expect(members.sort()).toEqual(belong.sort());
    expect(pairs([...frames.values()]).filter(([a, b]) => overlap(a, b))).toEqual([]);
  });

  it.each(FONTS)('has no node on another one or on its status (font × %s)', font => {
    const placed = tab.map(node => ({ node, box: withStatus(node, boxWithButton(node, font)) }));
    const found = pairs(placed).filter(([a, b]) => overlap(a.box, b.box));
    expect(found.map(([a, b]) => `${nameOf(a.node)} / ${nameOf(b.node)}`)).toEqual([]);
  });

  it.each(FONTS)('leads every wire from left to right, past all nodes (font × %s)', font => {
    const boxes = tab.map(node => ({ node, box: grown(boxWithButton(node, font)) }));
    const faults = wires.flatMap(wire => {
      const what = `${nameOf(wire.from)} → ${nameOf(wire.to)}`;
      const curve = curveOf(wire, font);
      const [start, end] = [curve[0], curve.at(-1)];
      if (!start || !end || end.x - start.x < SHORTEST_WIRE) return [`${what}: backwards`];
      return boxes
        .filter(({ node }) => node !== wire.from && node !== wire.to)
        .filter(({ box }) => stretches(curve).some(stretch => runsThrough(stretch, box)))
        .map(({ node }) => `${what}: through ${nameOf(node)}`);
    });
    expect(faults).toEqual([]);
  });

  it.each(FONTS)('lets no wires cross (font × %s)', font => {
    const drawn = wires.map(wire => ({ wire, stretches: stretches(curveOf(wire, font)) }));
    // What leads from one node to one input runs side by side and meets there.
    const isTwin = (a: Wire, b: Wire): boolean => a.from === b.from && a.to === b.to;
    const apart = pairs(drawn).filter(([a, b]) => !isTwin(a.wire, b.wire));
    const crossing = apart.filter(([a, b]) =>
      a.stretches.some(one => b.stretches.some(other => cross(one, other))),
    );
    const text = ({ wire }: (typeof drawn)[number]): string =>
      `${nameOf(wire.from)} → ${nameOf(wire.to)}`;
    expect(crossing.map(([a, b]) => `${text(a)} × ${text(b)}`)).toEqual([]);
  });

  it('joins link nodes to each other, by one name', () => {
    const byId = new Map(tab.map(node => [node.id, node]));
    const links = tab.filter(({ type }) => type.startsWith('link '));
    for (const link of links) {
      const others = (link.links as string[]).map(id => byId.get(id));
      expect(others, nameOf(link)).not.toHaveLength(0);
      for (const other of others) {
        expect(other?.type.startsWith('link ') && other.type !== link.type).toBe(true);
        expect(other?.name).toBe(link.name);
        expect(other?.links).toContain(link.id);
      }
    }
  });

  it('uses every output', () => {
    const idle = tab.filter(node => portsOf(node).some(ends => ends.length === 0));
    expect(idle.filter(node => !mayEnd(node)).map(nameOf)).toEqual([]);
  });

  it.each([
    ['a lock is released', isAcquire, isRelease],
    ['an event is confirmed or forgotten', isCheck, isConfirmed],
    ['an update is settled', isQueue, isSettle],
  ])('sees to it that %s on every way', (_, opens, closes) => {
    for (const start of tab.filter(opens)) {
      expect(deadEnds(tab, portsOf(start)[0] ?? [], closes).map(nameOf)).toEqual([]);
      const caught = tab.filter(({ type }) => type === 'catch');
      expect(caught.some(({ id }) => deadEnds(tab, [id], closes).length === 0)).toBe(true);
    }
  });
});

const isAcquire = ({ type, action }: FlowNode): boolean =>
  type === 'record-lock' && action === 'acquire';
const isRelease = ({ type, action }: FlowNode): boolean =>
  type === 'record-lock' && action === 'release';
const isCheck = ({ type, action }: FlowNode): boolean =>
  type === 'event-dedupe' && action === 'check';
const isConfirmed = ({ type, action }: FlowNode): boolean =>
  type === 'event-dedupe' && (action === 'confirm' || action === 'forget');
const isQueue = ({ type, action }: FlowNode): boolean =>
  type === 'update-queue' && action === 'queue';
const isSettle = ({ type, action }: FlowNode): boolean =>
  type === 'update-queue' && action === 'settle';

/** A message may end where an event was confirmed or forgotten. */
const mayEnd = (node: FlowNode): boolean => isConfirmed(node);

/** Outputs that lead to nothing that closes, by their nodes. Of several wires one has to. */
function deadEnds(
  tab: readonly FlowNode[],
  ends: readonly string[],
  closes: (node: FlowNode) => boolean,
): FlowNode[] {
  const byId = new Map(tab.map(node => [node.id, node]));
  const seen = new Set<string>();
  const dead = (ids: readonly string[], from: FlowNode | undefined): FlowNode[] => {
    const each = ids.map(id => visit(id));
    if (each.length === 0) return from === undefined ? [] : [from];
    return each.some(found => found.length === 0) ? [] : (each[0] ?? []);
  };
  const visit = (id: string): FlowNode[] => {
    const node = byId.get(id);
    if (node === undefined || closes(node) || seen.has(id)) return [];
    seen.add(id);
    if (node.type === 'link out') return dead(node.links as string[], node);
    const ports = portsOf(node);
    return ports.length === 0 ? [node] : ports.flatMap(port => dead(port, node));
  };
  return dead(ends, undefined);
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((a, index) => list.slice(index + 1).map((b): [T, T] => [a, b]));
}

function stretches<T>(points: readonly T[]): [T, T][] {
  return points.slice(1).map((point, index) => [points[index] ?? point, point]);
}

function withStatus(node: FlowNode, box: Box): Box {
  return STATUS_TYPES.includes(node.type) ? { ...box, bottom: box.bottom + STATUS_HEIGHT } : box;
}

function grown({ left, top, right, bottom }: Box): Box {
  return {
    left: left - CLEARANCE,
    top: top - CLEARANCE,
    right: right + CLEARANCE,
    bottom: bottom + CLEARANCE,
  };
}
