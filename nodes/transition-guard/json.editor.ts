import type { StateMachine } from '../../lib/lifecycle/machine';
import type { Translate } from '../shared/checks';
import { readMachine } from './check-states.editor';

interface Table {
  read(): StateMachine;
  replace(machine: StateMachine): void;
}

/** Sets up the panel that shows the table as JSON, and takes JSON for it. */
export function prepareJson(t: Translate, table: Table): void {
  const panel = part('panel');
  const text = part('text');
  const open = (mode: 'import' | 'export', content: string): void => {
    panel.prop('hidden', false);
    part('use').prop('hidden', mode === 'export');
    part('copy').prop('hidden', mode === 'import');
    text
      .prop('readonly', mode === 'export')
      .val(content)
      .trigger('focus');
    say('');
  };
  const close = (back: 'import' | 'export'): void => {
    panel.prop('hidden', true);
    part(back).trigger('focus');
  };
  part('import').on('click', () => {
    open('import', '');
  });
  part('export').on('click', () => {
    open('export', JSON.stringify(table.read(), null, 2));
    text.trigger('select');
  });
  part('copy').on('click', () => {
    // The published types ask for the element itself, the editor for one in jQuery.
    const button = part('copy') as unknown as HTMLElement;
    RED.clipboard.copyText(text.val(), button, 'clipboard.copyMessageValue');
  });
  part('close').on('click', () => {
    close(text.prop('readonly') === true ? 'export' : 'import');
  });
  part('use').on('click', () => {
    const machine = readMachine(t, String(text.val()));
    if (typeof machine === 'string') {
      say(machine);
      return;
    }
    table.replace(machine);
    close('import');
  });
}

function part(name: string): JQuery {
  return $(`#transition-guard-json-${name}`);
}

function say(words: string): void {
  part('result').text(words);
}
