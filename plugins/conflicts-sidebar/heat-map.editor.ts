import type { MonitorReport } from '../../lib/monitor/report';
import { make } from './elements.editor';
import type { Session } from './session.editor';
import { numberText, shareText } from './words.editor';

type Cell = MonitorReport['heatMap'][number][number];

/** Weekdays from Monday on: the report begins with Sunday. */
const DAYS = [1, 2, 3, 4, 5, 6, 0];
/** 1 January 2023 was a Sunday. */
const SUNDAY = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

/** Which hours of the week meet how many conflicts: 7 × 24, the darker the more. */
export function heatMap(session: Session, cells: MonitorReport['heatMap']): HTMLElement {
  const { t } = session;
  const most = Math.max(0, ...cells.flat().map(({ rate }) => rate ?? 0));
  const told = make('p', { class: 'conflicts-told' }, t('conflicts-sidebar.tip.heat-map'));
  const table = make(
    'table',
    { class: 'conflicts-heat', role: 'grid', 'aria-label': t('conflicts-sidebar.label.heat-map') },
    make('thead', {}, hoursRow()),
    make('tbody', {}, ...DAYS.map(day => dayRow(session, cells[day] ?? [], day, most))),
  );
  const tell = ({ target }: Event): void => {
    const text = (target as HTMLElement).closest('td')?.getAttribute('aria-label');
    if (typeof text === 'string') told.textContent = text;
  };
  table.addEventListener('mouseover', tell);
  table.addEventListener('focusin', tell);
  table.addEventListener('keydown', walk);
  const first = table.querySelector<HTMLElement>('td');
  if (first !== null) first.tabIndex = 0;
  return make('div', {}, table, told);
}

function hoursRow(): HTMLTableRowElement {
  const hours = Array.from({ length: 24 }, (_, hour) =>
    make('th', { scope: 'col' }, hour % 6 === 0 ? String(hour) : ''),
  );
  return make('tr', {}, make('td', {}), ...hours);
}

function dayRow(
  session: Session,
  cells: readonly Cell[],
  day: number,
  most: number,
): HTMLTableRowElement {
  const name = (style: 'short' | 'long'): string =>
    new Intl.DateTimeFormat(session.language, { weekday: style, timeZone: 'UTC' }).format(
      SUNDAY + day * DAY_MS,
    );
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, name('short')),
    ...cells.map((cell, hour) =>
      heatCell(session, cell, `${name('long')} ${String(hour)}:00`, most),
    ),
  );
}

function heatCell(session: Session, cell: Cell, when: string, most: number): HTMLElement {
  const { updates, conflicts, rate } = cell;
  const label = session.t('conflicts-sidebar.label.heat-cell', {
    when,
    conflicts: numberText(session, conflicts),
    updates: numberText(session, updates),
    rate: shareText(session, rate),
  });
  const shade = make('span', { class: 'conflicts-shade' });
  // What was counted at all is told from what was not.
  const strength = most === 0 ? 0 : (rate ?? 0) / most;
  shade.style.opacity = updates === 0 ? '0' : String(0.08 + 0.92 * strength);
  return make('td', { role: 'gridcell', tabindex: -1, 'aria-label': label }, shade);
}

/** The arrows go from cell to cell; one of them is reached by Tab. */
function walk(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, readonly [row: number, column: number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const step = steps[event.key];
  const cell = event.target as HTMLElement;
  const row = cell.closest('tr');
  if (step === undefined || row === null || cell.tagName !== 'TD') return;
  const rows = [...(row.parentElement?.children ?? [])];
  const column = [...row.children].indexOf(cell) + step[1];
  const next = rows[rows.indexOf(row) + step[0]]?.children[column] as HTMLElement | undefined;
  if (next?.tagName !== 'TD') return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  event.preventDefault();
}
