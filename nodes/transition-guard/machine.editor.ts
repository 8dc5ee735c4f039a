import { SALES_ORDERS, WORK_ORDERS } from '../../lib/lifecycle/presets';
import type { MachineState, StateMachine } from '../../lib/lifecycle/machine';
import type { Translate } from '../shared/checks';
import { field, setFieldValue } from '../shared/editor/dialog';
import { whenReleasedIn } from '../shared/editor/released';
import { resourceUrl } from '../shared/editor/resource';
import { checkStates, stateTypeOf } from './check-states.editor';
import { prepareJson } from './json.editor';
import type { StateType } from './names.editor';
import type * as Picture from './machine-picture.editor';
import { fillStates, goToRow, prepareStates, readStates } from './states.editor';

const PRESETS: Readonly<Record<string, StateMachine>> = {
  'work-orders': WORK_ORDERS,
  'sales-orders': SALES_ORDERS,
};
/** Milliseconds after the last key before the picture is drawn anew. */
const PAUSE_MS = 150;

type PictureScript = typeof Picture;

/**
 * Sets up the table of states with its picture, the presets, import and export.
 * @param node id of the guard, whose neighbours say of which records the states are
 */
export function prepareMachine(t: Translate, states: readonly MachineState[], node: string): void {
  let timer: number | undefined;
  let picture: PictureScript | undefined;
  const showNow = (): void => {
    show(t, picture);
  };
  const type = field('node-input', 'stateType');
  const whenReleased = whenReleasedIn(type.closest('.record-updates'));
  const changed = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      whenReleased(showNow);
    }, PAUSE_MS);
  };
  prepareStates(t, states, node, changed);
  type.on('change', changed);
  $('#transition-guard-use-preset').on('click', () => {
    const machine = PRESETS[String($('#transition-guard-preset').val())];
    if (machine !== undefined) replace(machine);
  });
  prepareJson(t, { read: () => ({ states: currentStates() }), replace });
  showNow();
  loadPicture().then(
    loaded => {
      picture = loaded;
      showNow();
    },
    () => {
      $('#transition-guard-picture').text(t('transition-guard.errors.no-picture'));
    },
  );
}

/** What lays the picture out is as large as all dialogs together, so it comes when it is needed. */
function loadPicture(): Promise<PictureScript> {
  return import(resourceUrl('machine-picture.js')) as Promise<PictureScript>;
}

/** What the table holds, as texts or numbers. */
export function currentStates(): MachineState[] {
  return readStates(currentType());
}

function currentType(): StateType {
  return field('node-input', 'stateType').val() === 'number' ? 'number' : 'text';
}

function replace({ states }: StateMachine): void {
  const type = field('node-input', 'stateType');
  setFieldValue(type, stateTypeOf(states));
  fillStates(states);
  type.trigger('change');
}

/** @param picture undefined: it has not come yet, or not at all */
function show(t: Translate, picture: PictureScript | undefined): void {
  const states = currentStates();
  const sound = checkStates(t, states, currentType());
  const faults = sound === true ? [] : [String(sound)];
  say([...faults, ...(picture?.findings(t, states) ?? [])]);
  picture?.showPicture(t, states, goToRow);
}

/** Only what is new is said: a screen reader would start again with every key. */
function say(lines: readonly string[]): void {
  const place = $('#transition-guard-findings');
  if (place.text() === lines.join('')) return;
  place.empty().append(...lines.map(line => $('<p>').text(line)));
}
