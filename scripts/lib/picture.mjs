// docs/images/how-it-works.svg: how one update goes, in one picture.

import { inRoot } from './root.mjs';

export const PICTURE = inRoot('docs/images/how-it-works.svg');

/**
 * @typedef {object} Box
 * @property {number} x of its middle
 * @property {number} y of its middle
 * @property {readonly string[]} lines
 * @property {'step' | 'question' | 'done' | 'person' | 'later'} look
 */

/** Fill and edge, legible on white in print as well. */
const LOOKS = {
  step: ['#e8f3f4', '#2b7a82'],
  question: ['#fff8e1', '#a67c00'],
  done: ['#e6f4e6', '#2e7d32'],
  person: ['#fdeaea', '#b3392f'],
  later: ['#eeeeee', '#666666'],
};

const WIDTH = 955;
const HEIGHT = 430;
const BOX = { width: 190, line: 17, pad: 11 };

/** @type {Record<string, Box>} */
const BOXES = {
  message: { x: 115, y: 70, look: 'step', lines: ['message', 'msg.key, msg.payload'] },
  read: { x: 350, y: 70, look: 'step', lines: ['read the record', 'with its version: the base'] },
  write: { x: 585, y: 70, look: 'step', lines: ['write', 'only on that version'] },
  done: { x: 843, y: 70, look: 'done', lines: ['updated', 'unchanged · already-applied'] },
  again: { x: 585, y: 200, look: 'step', lines: ['read again, compare', 'base · ours · theirs'] },
  fields: { x: 585, y: 330, look: 'question', lines: ['did somebody change', 'what we write?'] },
  rule: { x: 350, y: 330, look: 'question', lines: ['conflict rule', 'of the node'] },
  person: { x: 115, y: 330, look: 'person', lines: ['conflict', 'a person decides'] },
  doubt: { x: 843, y: 200, look: 'person', lines: ['uncertain', 'nobody can tell'] },
  later: {
    x: 843,
    y: 330,
    look: 'later',
    lines: ['exhausted · unavailable', 'send it again later'],
  },
};

/** From, to, and what stands beside the middle of the line. */
const ARROWS = /** @type {const} */ ([
  ['message', 'read', ''],
  ['read', 'write', ''],
  ['write', 'done', 'accepted'],
  ['write', 'again', '412, 409, or no answer'],
  ['again', 'fields', ''],
  ['again', 'doubt', 'in doubt'],
  ['fields', 'rule', 'yes'],
  ['rule', 'person', 'report'],
  ['fields', 'later', 'out of time'],
]);

/** @returns {string} */
export function picture() {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="14" role="img">`,
    '<title>How one update goes</title>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...ARROWS.map(([from, to, text]) => arrow(box(from), box(to), text)),
    noise(),
    ...Object.values(BOXES).map(drawn),
    '</svg>',
  ].join('\n')}\n`;
}

/** @param {string} name */
function box(name) {
  const found = BOXES[name];
  if (found === undefined) throw new Error(`There is no box ${name}`);
  return found;
}

/** @param {Box} box */
const height = ({ lines }) => lines.length * BOX.line + 2 * BOX.pad;

/** @param {Box} box */
function drawn(box) {
  const { x, y, look, lines } = box;
  const [fill, edge] = LOOKS[look];
  const tall = height(box);
  const frame = `<rect x="${x - BOX.width / 2}" y="${y - tall / 2}" width="${BOX.width}" height="${tall}" rx="6" fill="${fill}" stroke="${edge}"/>`;
  const texts = lines.map((line, at) => {
    const baseline = y - tall / 2 + BOX.pad + (at + 0.75) * BOX.line;
    return words(x, baseline, line, at === 0 ? ' font-weight="bold"' : '');
  });
  return [frame, ...texts].join('');
}

/** @param {Box} from @param {Box} to @param {string} text */
function arrow(from, to, text) {
  const across = from.y === to.y;
  const side = Math.sign(across ? to.x - from.x : to.y - from.y);
  const [x1, y1] = across
    ? [from.x + (side * BOX.width) / 2, from.y]
    : [from.x, from.y + (side * height(from)) / 2];
  const [x2, y2] = across
    ? [to.x - (side * BOX.width) / 2, to.y]
    : [to.x, to.y - (side * height(to)) / 2];
  const label = across
    ? // Above a way back stands the line of the next try.
      words((x1 + x2) / 2, side > 0 ? y1 - 8 : y1 + 18, text, ' font-size="12"')
    : words(x1 + 8, (y1 + y2) / 2 + 4, text, ' font-size="12" text-anchor="start"');
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#444" fill="none" marker-end="url(#tip)"/>${text === '' ? '' : label}`;
}

/** The way back: nobody has touched what we write. */
function noise() {
  const [from, to] = [box('fields'), box('write')];
  const left = from.x - BOX.width / 2;
  const way = left - 22;
  const [start, end] = [from.y - height(from) / 2 + 12, to.y + 10];
  return [
    `<path d="M${left} ${start}H${way}V${end}H${left}" stroke="#2e7d32" stroke-width="2" fill="none" marker-end="url(#tip)"/>`,
    words(way - 8, (start + end) / 2 - 8, 'no: noise.', ' font-size="12" text-anchor="end"'),
    words(
      way - 8,
      (start + end) / 2 + 8,
      'Write again, on the new version',
      ' font-size="12" text-anchor="end"',
    ),
  ].join('');
}

/** @param {number} x @param {number} y @param {string} text @param {string} [more] attributes */
function words(x, y, text, more = '') {
  const anchor = more.includes('text-anchor') ? '' : ' text-anchor="middle"';
  return `<text x="${x}" y="${y}"${anchor}${more} fill="#222">${text}</text>`;
}
