import type { Translate } from '../shared/checks';
import { field, fieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { showStranded } from './queues.editor';
import {
  STORE_CREDENTIALS,
  STORE_FIELDS,
  type RecordStoreConfig,
  type RecordStoreCredentials,
} from './config';

type Node = EditorNode<RecordStoreConfig> & {
  /** The credentials as they were when the dialog was opened. */
  readonly credentials?: RecordStoreCredentials & { readonly _?: RecordStoreCredentials };
};

/** What the runtime says about a test. */
interface TestAnswer {
  readonly findings?: readonly {
    kind: 'evicts' | 'forgets';
    values: Readonly<Record<string, string>>;
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Sets up the button that tests the settings as the dialog shows them, saved or not. */
export function prepareTest(t: Translate, node: EditorNode<RecordStoreConfig>): void {
  const button = $('#record-store-test');
  button.on('click', () => {
    button.prop('disabled', true);
    show(undefined, [t('record-store.label.testing')]);
    // jQuery with a relative address: only so does the request carry the login of the editor.
    $.ajax({
      url: `record-updates/store/${encodeURIComponent(node.id)}/test`,
      method: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ config: dialogConfig(), credentials: typedCredentials(node) }),
    })
      .done((answer: TestAnswer) => {
        show(true, linesOf(t, answer));
        showStranded(t, node);
      })
      .fail(answer => {
        const { error } = (answer.responseJSON ?? {}) as TestAnswer;
        const { status } = answer;
        const failed = t('record-store.errors.no-answer', { status });
        show(false, [error === undefined ? failed : inWords(t, error)]);
      })
      .always(() => {
        button.prop('disabled', false);
      });
  });
}

function linesOf(t: Translate, { findings = [] }: TestAnswer): string[] {
  const found = findings.map(({ kind, values }) => t(`record-store.warn.${kind}`, values));
  return [t('record-store.answer.works'), ...found];
}

/** The runtime speaks English. A catalogue of another language says the same by the code, as `engine.<CODE>`. */
function inWords(t: Translate, { code, message }: { code: string; message: string }): string {
  return t(`engine.${code}`, { message, defaultValue: message });
}

function show(ok: boolean | undefined, lines: readonly string[]): void {
  const area = $('#record-store-test-result');
  area.empty().toggleClass('record-updates-failed', ok === false);
  area.toggleClass('record-updates-passed', ok === true);
  for (const line of lines) $('<p>').text(line).appendTo(area);
  area.get(0)?.scrollIntoView({ block: 'nearest' });
}

/** What the list of config nodes holds when none is chosen. */
const NO_CONFIG_NODE = '_ADD_';

function dialogConfig(): object {
  const entries = Object.keys(STORE_FIELDS).map(name => {
    const value = fieldValue(field('node-config-input', name));
    return [name, value === NO_CONFIG_NODE ? '' : value];
  });
  return Object.fromEntries(entries) as object;
}

/** What the editor shows in place of a stored secret. */
const STORED_SECRET = '__PWRD__';

/** Only what was typed since the dialog was opened; stored secrets never come to the browser. */
function typedCredentials({ credentials }: Node): RecordStoreCredentials {
  const typed: RecordStoreCredentials = {};
  for (const name of Object.keys(STORE_CREDENTIALS) as (keyof typeof STORE_CREDENTIALS)[]) {
    const value = String(fieldValue(field('node-config-input', name)));
    if (value !== STORED_SECRET && value !== (credentials?._?.[name] ?? '')) typed[name] = value;
  }
  return typed;
}
