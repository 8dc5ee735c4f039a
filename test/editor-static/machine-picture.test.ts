import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineState } from '../../lib/lifecycle/machine';
import { SALES_ORDERS, WORK_ORDERS } from '../../lib/lifecycle/presets';
import { layOut, type Box, type Picture } from '../../nodes/transition-guard/picture-layout.editor';
import { wrapName } from '../../nodes/transition-guard/wrap-name.editor';

/** Pixels that a tray of 400 leaves for the picture. */
const NARROW = 360;
/** The smallest text that is still read without effort, in pixels; the picture's own is 13. */
const SMALLEST = 10;

const boxOf = ({ boxes }: Picture, state: unknown): Box => {
  const found = boxes.find(box => box.state === state);
  if (!found) throw new Error(`There is no box for ${String(state)}`);
  return found;
};

const state = (name: string, next: string[], role?: 'start' | 'end'): MachineState => ({
  name,
  next,
  ...(role && { role }),
});

describe('picture of a state machine', () => {
  it.each([
    ['work orders', WORK_ORDERS],
    ['sales orders', SALES_ORDERS],
  ])('shows %s in a narrow tray, in letters that can be read', (_name, { states }) => {
    const { width } = layOut(states);
    expect((13 * NARROW) / width).toBeGreaterThanOrEqual(SMALLEST);
  });

  it('goes from the first states down to the last', () => {
    const picture = layOut(WORK_ORDERS.states);
    const [start] = picture.starts;
    const order = ['Released', 'In Progress', 'Complete', 'Closed'];
    const heights = [start?.y ?? 0, ...order.map(name => boxOf(picture, name).y)];
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(picture.boxes.filter(({ isEnd }) => isEnd).map(box => box.state)).toEqual([
      'Closed',
      'Cancelled',
    ]);
  });

  it('draws a way there and back as one arrow with two heads', () => {
    const { lines } = layOut([state('a', ['b', 'c'], 'start'), state('b', ['a']), state('c', [])]);
    // The line from the dot, a ↔ b and a → c.
    expect(lines.map(({ isTwoWay }) => isTwoWay)).toEqual([false, true, false]);
  });

  it('marks unreachable states, dead ends, and next states without a row', () => {
    const picture = layOut([
      state('New', ['Done', 'Shiped'], 'start'),
      state('Done', [], 'end'),
      state('Lost', ['Stuck']),
      state('Stuck', []),
      state('Waiting', []),
    ]);
    const faults = Object.fromEntries(picture.boxes.map(box => [box.state, box.fault]));
    expect(faults).toEqual({
      New: undefined,
      Done: undefined,
      Lost: 'unreachable',
      Stuck: 'unreachable',
      Waiting: 'unreachable',
      Shiped: 'unknown',
    });
    expect(picture.lines.filter(({ isFaulty }) => isFaulty)).toHaveLength(1);
    const stuck = layOut([state('New', ['Stuck'], 'start'), state('Stuck', [])]);
    expect(boxOf(stuck, 'Stuck').fault).toBe('dead-end');
  });

  it('calls nothing unreachable where no state is a first one', () => {
    const { boxes, starts } = layOut([state('a', ['b']), state('b', ['a'])]);
    expect(boxes.map(({ fault }) => fault)).toEqual([undefined, undefined]);
    expect(starts).toEqual([]);
  });

  it('draws tables in the making: no rows, a name twice, a state that leads to itself', () => {
    expect(layOut([]).boxes).toEqual([]);
    const { boxes, lines } = layOut([
      state('a', ['a', 'b', 'b'], 'start'),
      state('a', ['c']),
      state('b', []),
    ]);
    expect(boxes.map(box => box.state)).toEqual(['a', 'b']);
    expect(lines).toHaveLength(2);
  });

  it('tells the number 1 from the text 1', () => {
    expect(layOut([{ name: 1, next: ['1'] }]).boxes.map(box => box.state)).toEqual([1, '1']);
  });

  it('keeps every state inside of the picture, apart from all others, and every arrow between its states', () => {
    const names = [
      'Released',
      'In Progress',
      'On Hold',
      'x',
      'Waiting for quality inspection',
      '7',
    ];
    const rows = fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        next: fc.array(fc.constantFrom(...names), { maxLength: 4 }),
        role: fc.constantFrom('start' as const, 'end' as const, undefined),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(rows, drafts => {
        const picture = layOut(drafts.map(({ name, next, role }) => state(name, next, role)));
        for (const box of picture.boxes) {
          expect(box.x - box.width / 2).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width / 2).toBeLessThanOrEqual(picture.width);
          expect(box.y - box.height / 2).toBeGreaterThanOrEqual(0);
          expect(box.y + box.height / 2).toBeLessThanOrEqual(picture.height);
          const others = picture.boxes.filter(other => other !== box);
          expect(others.filter(other => overlap(box, other))).toEqual([]);
        }
        const ends = picture.lines.flatMap(({ points }) => points.slice(-1));
        for (const end of ends) expect(picture.boxes.some(box => touches(box, end))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

function overlap(a: Box, b: Box): boolean {
  const isBeside = Math.abs(a.x - b.x) >= (a.width + b.width) / 2;
  return !isBeside && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

/** Whether a point lies on the border of a box. */
function touches(box: Box, { x, y }: { x: number; y: number }): boolean {
  const [dx, dy] = [Math.abs(x - box.x) - box.width / 2, Math.abs(y - box.y) - box.height / 2];
  return Math.max(dx, dy) < 0.5 && Math.max(dx, dy) > -0.5;
}

describe('a name in a box', () => {
  it.each([
    ['Released', ['Released']],
    ['In Progress', ['In Progress']],
    ['Returned to the warehouse', ['Returned to', 'the warehouse']],
    [
      'Waiting for the quality inspection of the day',
      ['Waiting for', 'the quality', 'inspection of…'],
    ],
    ['Arbeitsunterbrechung', ['Arbeitsunterbre…']],
    ['690970000', ['690970000']],
  ])('%s', (name, lines) => {
    expect(wrapName(name)).toEqual(lines);
  });
});
