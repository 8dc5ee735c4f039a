import type { RecordKey } from '../../lib/record/fields';
import type { EditorNode } from '../shared/editor/red';
import type { Translate } from '../shared/editor/translate';
import { nameByLabel } from '../shared/editor/typed-fields';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import { dialogConfig, typedCredentials } from './dialog-values.editor';
import { showAnswer, type TestAnswer, type TestLine } from './test-result.editor';

type Node = EditorNode<RecordEndpointConfig> & {
  readonly _def: { readonly defaults: Record<keyof RecordEndpointConfig, unknown> };
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

interface ProveMore {
  readonly field?: string;
  readonly method?: string;
}

/** How the flows write at this endpoint: the proof has to go the same way. */
function methodInUse(endpoint: string): string {
  let found = 'PATCH';
  RED.nodes.eachNode(node => {
    const { type, endpoint: own, method } = node as Readonly<Record<string, unknown>>;
    const isUpdate = type === 'conditional-update' && own === endpoint;
    if (isUpdate && (method === 'PUT' || method === 'MERGE')) found = method;
    return true;
  });
  return found;
}

/** The answer stands below the button that asked; what the other one brought may no longer hold. */
function send(t: Translate, node: Node, step: 'test' | 'prove', more: ProveMore): void {
  const show = (answer: TestAnswer): void => {
    showAnswer(t, part(step === 'test' ? 'read-result' : 'prove-result'), answer);
  };
  part('read-result').add(part('prove-result')).empty();
  const key = typedKey();
  if (key === undefined) {
    show({ ok: false, lines: [{ text: 'record-endpoint.errors.test-key' }] });
    return;
  }
  const names = Object.keys(node._def.defaults) as (keyof RecordEndpointConfig)[];
  const request = {
    config: dialogConfig(names),
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
