import type { RecordKey } from '../../lib/record/fields';
import type { Translate } from '../shared/checks';
import { field, fieldValue, setFieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { nameByLabel } from '../shared/editor/typed-fields';
import { readBulk } from './bulk.editor';
import {
  ENDPOINT_CREDENTIALS,
  ENDPOINT_FIELDS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';

type Node = EditorNode<RecordEndpointConfig> & {
  /** The credentials as they were when the dialog was opened. */
  readonly credentials?: RecordEndpointCredentials & { readonly _?: RecordEndpointCredentials };
};

/** Sets up the section "Test connection": one read, and on request one write that must be refused. */
export function prepareTest(t: Translate, node: EditorNode<RecordEndpointConfig>): void {
  const endpoint = node as Node;
  part('key').typedInput({ types: ['str', 'num', 'json'] });
  nameByLabel(part('key'));
  part('method').val(methodInUse(endpoint.id));
  part('read').on('click', () => {
    send(t, endpoint, 'test', {});
  });
  part('prove').on('click', () => {
    confirm(true);
  });
  part('cancel').on('click', () => {
    confirm(false);
  });
  part('write').on('click', () => {
    confirm(false);
    send(t, endpoint, 'prove', { field: inputText('field'), method: inputText('method') });
  });
}

function part(name: string): JQuery {
  return $(`#record-endpoint-test-${name}`);
}

function inputText(name: string): string {
  const value = part(name).val();
  return typeof value === 'string' ? value.trim() : '';
}

/** Asks before the write; the safe answer has the focus. */
function confirm(asking: boolean): void {
  part('confirm').prop('hidden', !asking).get(0)?.scrollIntoView({ block: 'nearest' });
  part('prove').prop('hidden', asking);
  part(asking ? 'cancel' : 'prove').trigger('focus');
}

/** The nodes that write. */
const UPDATING: readonly unknown[] = ['conditional-update', 'bulk-update'];

/** How the flows write at this endpoint: the proof has to go the same way. */
function methodInUse(endpoint: string): string {
  let found = 'PATCH';
  RED.nodes.eachNode(node => {
    const { type, endpoint: own, method } = node as Readonly<Record<string, unknown>>;
    const isUpdate = UPDATING.includes(type) && own === endpoint;
    if (isUpdate && (method === 'PUT' || method === 'MERGE')) found = method;
    return true;
  });
  return found;
}

/** The answer stands below the button that asked; what the other one brought may no longer hold. */
function send(
  t: Translate,
  node: Node,
  step: 'test' | 'prove',
  more: { field?: string; method?: string },
): void {
  const show = (answer: TestAnswer): void => {
    if (answer.batches === 'unprotected') {
      setFieldValue(field('node-config-input', 'bulkWrites'), 'single');
      field('node-config-input', 'bulkWrites').trigger('change');
    }
    if (answer.writes === 'unprotected')
      setFieldValue(field('node-config-input', 'chaining'), false);
    showAnswer(t, part(step === 'test' ? 'read-result' : 'prove-result'), answer);
  };
  part('read-result').add(part('prove-result')).empty();
  const key = typedKey();
  if (key === undefined) {
    show({ ok: false, lines: [{ text: 'record-endpoint.errors.test-key' }] });
    return;
  }
  const request = {
    config: dialogConfig(),
    credentials: typedCredentials(node.credentials?._ ?? {}),
    collection: inputText('collection'),
    key,
    ...more,
  };
  const buttons = part('read').add(part('prove'));
  buttons.prop('disabled', true);
  show({ lines: [{ text: 'record-endpoint.label.testing' }] });
  // jQuery with a relative address: only so does the request carry the login of the editor.
  $.ajax({
    url: `record-updates/endpoint/${encodeURIComponent(node.id)}/${step}`,
    method: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(request),
  })
    .done(show)
    .fail(answer => {
      show({ ok: false, lines: [reason(answer)] });
    })
    .always(() => {
      buttons.prop('disabled', false);
    });
}

/** The record key as the API wants it: text, a number, or an object for a composite key. */
function typedKey(): RecordKey | undefined {
  const value = part('key').typedInput('value').trim();
  const type = part('key').typedInput('type');
  if (value === '') return undefined;
  if (type === 'str') return value;
  try {
    return JSON.parse(value) as RecordKey;
  } catch {
    return undefined;
  }
}

function reason(answer: JQuery.jqXHR): TestLine {
  const body = answer.responseJSON as { error?: { code: string; message: string } } | undefined;
  if (body?.error?.message !== undefined) return body.error;
  if (answer.status === 401 || answer.status === 403)
    return { text: 'record-endpoint.errors.permission' };
  if (answer.status === 404) return { text: 'record-endpoint.errors.no-route' };
  return { text: 'record-endpoint.errors.no-answer', values: { status: answer.status } };
}

/** What the editor shows in place of a stored secret. */
const STORED_SECRET = '__PWRD__';
/** What the list of config nodes holds when none is chosen. */
const NO_CONFIG_NODE = '_ADD_';

/** The settings as the dialog shows them now, saved or not. */
function dialogConfig(): object {
  const entries = Object.keys(ENDPOINT_FIELDS).map(name => {
    const value = fieldValue(field('node-config-input', name));
    return [name, value === NO_CONFIG_NODE ? '' : value];
  });
  return { ...Object.fromEntries(entries), bulk: readBulk() } as object;
}

/** Only the credentials that were typed since the dialog was opened; stored secrets never come to the browser. */
function typedCredentials(stored: Readonly<RecordEndpointCredentials>): RecordEndpointCredentials {
  const typed: RecordEndpointCredentials = {};
  for (const name of Object.keys(ENDPOINT_CREDENTIALS) as (keyof typeof ENDPOINT_CREDENTIALS)[]) {
    const value = String(fieldValue(field('node-config-input', name)));
    if (value !== '' && value !== STORED_SECRET && value !== stored[name]) typed[name] = value;
  }
  return typed;
}

/** A line of an answer, as `probe.ts` has it: a text of the catalogue, or what engine and API say, with its code. */
type TestLine =
  | { readonly text: string; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly code: string; readonly message: string };

/** What the runtime says about a test. */
interface TestAnswer {
  readonly ok?: boolean;
  readonly lines: readonly TestLine[];
  readonly batches?: 'unprotected';
  readonly writes?: 'unprotected';
}

/** Shows an answer, and scrolls as little as it takes to have all of it in view. */
function showAnswer(t: Translate, area: JQuery, { ok, lines }: TestAnswer): void {
  area.empty().toggleClass('record-updates-failed', ok === false);
  area.toggleClass('record-updates-passed', ok === true);
  for (const line of lines) $('<p>').text(inWords(t, line)).appendTo(area);
  area.get(0)?.scrollIntoView({ block: 'nearest' });
}

/** The engine speaks English. A catalogue of another language says the same by the code, as `engine.<CODE>`. */
function inWords(t: Translate, line: TestLine): string {
  if ('text' in line) return t(line.text, line.values);
  const { code, message } = line;
  return t(`engine.${kindOf(code)}`, { message, defaultValue: message });
}

/** Codes of the same meaning, of which TLS libraries have many. */
function kindOf(code: string): string {
  if (/CERT|^ERR_TLS_|^UNABLE_TO_VERIFY_|^HOSTNAME_MISMATCH$/.test(code)) return 'CERTIFICATE';
  return /^(?:EPROTO$|ERR_SSL_)/.test(code) ? 'EPROTO' : code;
}
