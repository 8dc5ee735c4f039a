import type { MachineState, State } from '../../lib/lifecycle/machine';
import type { Translate } from '../shared/checks';
import {
  DOT,
  LINE_HEIGHT,
  layOut,
  type Box,
  type Line,
  type Picture,
  type Point,
} from './picture-layout.editor';
import { faultInWords, machineInWords, stateInWords } from './words.editor';

const SVG = 'http://www.w3.org/2000/svg';
const ORIGIN: Point = { x: 0, y: 0 };
/** Distance between the two borders of a last state. */
const INSET = 3;

/**
 * Shows a state machine in place of the one before, where it is another one. The focus stays on the button of its state:
 * with the button it would go, and with the focus the keys of the dialog.
 */
export function showPicture(
  t: Translate,
  states: readonly MachineState[],
  goTo: (state: State) => void,
): void {
  $('#transition-guard-legend').prop('hidden', states.length === 0);
  const place = $('#transition-guard-picture');
  const shown = JSON.stringify(states);
  if (place.data('shown') === shown) return;
  place.data('shown', shown);
  const focused = place.find(':focus').attr('data-state');
  place.get(0)?.replaceChildren(...(states.length === 0 ? [] : [drawPicture(t, states, goTo)]));
  if (focused === undefined) return;
  const buttons = place.find('[data-state]');
  const same = buttons.filter((_, button) => $(button).attr('data-state') === focused);
  (same.length > 0 ? same : buttons).first().trigger('focus');
}

/**
 * Draws a state machine. The arrows are one image whose name says the machine in words; each state is a button, which
 * an image may not hold.
 * @param goTo is called with the state that was clicked, or chosen with Enter or Space
 */
function drawPicture(
  t: Translate,
  states: readonly MachineState[],
  goTo: (state: State) => void,
): SVGElement {
  const picture = layOut(states);
  const { width, height } = picture;
  const svg = element('svg', {
    class: 'record-updates-machine',
    viewBox: `0 0 ${width} ${height}`,
    role: 'group',
    'aria-label': t('transition-guard.label.picture'),
  });
  // Never larger than life, and never too small to read.
  svg.style.maxWidth = `${String(width)}px`;
  svg.style.minWidth = `${String(Math.round(width * 0.65))}px`;
  svg.append(arrows(t, states, picture));
  for (const box of picture.boxes) svg.append(button(t, states, box, goTo));
  return svg;
}

function arrows(t: Translate, states: readonly MachineState[], picture: Picture): SVGElement {
  const group = element('g', { role: 'img', 'aria-label': machineInWords(t, states) });
  for (const { x, y } of picture.starts) {
    group.append(
      element('circle', { class: 'record-updates-machine-start', cx: x, cy: y, r: DOT }),
    );
  }
  for (const line of picture.lines) group.append(arrow(line));
  return group;
}

function arrow({ points, isTwoWay, isFaulty }: Line): SVGElement {
  const fault = isFaulty ? 'record-updates-machine-fault' : '';
  const group = element('g', { class: `record-updates-machine-arrow ${fault}` });
  group.append(element('path', { class: 'record-updates-machine-line', d: curve(points) }));
  group.append(arrowHead(points.at(-1), points.at(-2)));
  if (isTwoWay) group.append(arrowHead(points[0], points[1]));
  return group;
}

/** Not a marker, which would need an id of its own in the page. */
function arrowHead(tip: Point = ORIGIN, from: Point = ORIGIN): SVGElement {
  const degrees = (Math.atan2(tip.y - from.y, tip.x - from.x) * 180) / Math.PI;
  return element('path', {
    d: 'M-8 -4L0 0L-8 4Z',
    transform: `translate(${tip.x.toFixed(1)} ${tip.y.toFixed(1)}) rotate(${degrees.toFixed(1)})`,
  });
}

/** A line that bends at the inner points instead of breaking. */
function curve(points: readonly Point[]): string {
  const text = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const middles = points.slice(1).map((point, index) => {
    const before = points[index] ?? point;
    return { x: (before.x + point.x) / 2, y: (before.y + point.y) / 2 };
  });
  const bends = points.slice(1, -1).map((point, index) => {
    return `Q${text(point)} ${text(middles[index + 1] ?? point)}`;
  });
  const [first = ORIGIN] = points;
  const last = points.at(-1) ?? first;
  return `M${text(first)}L${text(middles[0] ?? last)}${bends.join('')}L${text(last)}`;
}

function button(
  t: Translate,
  states: readonly MachineState[],
  box: Box,
  goTo: (state: State) => void,
): SVGElement {
  const words = stateInWords(t, states, box.state);
  const group = element('g', {
    class: `record-updates-machine-state record-updates-machine-${box.fault ?? 'sound'}`,
    role: 'button',
    tabindex: 0,
    'aria-label': words,
    'data-state': String(box.state),
  });
  const title = element('title', {});
  title.textContent = words;
  group.append(title, border(box, 0), ...(box.isEnd ? [border(box, INSET)] : []), name(t, box));
  group.addEventListener('click', () => {
    goTo(box.state);
  });
  group.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    goTo(box.state);
  });
  return group;
}

function border(box: Box, inset: number): SVGElement {
  return element('rect', {
    x: box.x - box.width / 2 + inset,
    y: box.y - box.height / 2 + inset,
    width: box.width - 2 * inset,
    height: box.height - 2 * inset,
    rx: 8 - inset,
  });
}

/** The name in its lines, and below what is wrong with the state. */
function name(t: Translate, box: Box): SVGElement {
  const fault = box.fault === undefined ? [] : [faultInWords(t, box.fault)];
  const lines = [...box.lines, ...fault];
  const top = box.y - ((lines.length - 1) * LINE_HEIGHT) / 2;
  const text = element('text', { 'aria-hidden': 'true' });
  for (const [index, line] of lines.entries()) {
    const span = element('tspan', { x: box.x, y: top + index * LINE_HEIGHT });
    if (index >= box.lines.length) span.setAttribute('class', 'record-updates-machine-tag');
    span.textContent = line;
    text.append(span, ' ');
  }
  return text;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value));
  return created;
}
