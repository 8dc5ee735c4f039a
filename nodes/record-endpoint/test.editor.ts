import type { RecordKey } from '../../lib/record/fields';
import type { Translate } from '../shared/checks';
import { field, fieldValue, setFieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { resourceUrl } from '../shared/editor/resource';
import { nameByLabel } from '../shared/editor/typed-fields';
import {
  ENDPOINT_CREDENTIALS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import { dialogConfig } from './dialog-config.editor';
import type * as Answers from './test-answer.editor';
import type { TestAnswer, TestLine } from './test-answer.editor';

type Node = EditorNode<RecordEndpointConfig> & {
  /** The credentials as they were when the dialog was opened. */
  readonly credentials?: RecordEndpointCredentials & { readonly _?: RecordEndpointCredentials };
};

/** Sets up the section "Test connection": one read, and on request one write that must be refused. */
export function prepareTest(t: Translate, node: EditorNode<RecordEndpointConfig>): void {
  const endpoint = node as Node;
  part('key').typedInput({ types: ['str', 'num', 'json'] });
  nameByLabel(part('key'));
  part('method').val(methodToProve(endpoint.id));
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

/** How the flows write at this endpoint: the proof has to go the same ways. */
function methodsInUse(endpoint: string): Set<string> {
  const found = new Set<string>();
  RED.nodes.eachNode(node => {
    const { type, endpoint: own, method } = node as Readonly<Record<string, unknown>>;
    if (own !== endpoint || !UPDATING.includes(type)) return true;
    if (typeof method === 'string') found.add(method);
    if (type === 'bulk-update') found.add('batch');
    return true;
  });
  return found;
}

/** The one that is proven unless another is chosen: what replaces whole records first. */
function methodToProve(endpoint: string): string {
  const used = methodsInUse(endpoint);
  return ['PUT', 'MERGE'].find(method => used.has(method)) ?? 'PATCH';
}

/** The answer stands below the button that asked; what the other one brought may no longer hold. */
function send(
  t: Translate,
  node: Node,
  step: 'test' | 'prove',
  more: { field?: string; method?: string },
): void {
  const area = part(step === 'test' ? 'read-result' : 'prove-result');
  part('read-result').add(part('prove-result')).empty();
  const key = typedKey();
  const request = {
    config: dialogConfig(),
    credentials: typedCredentials(node.credentials?._ ?? {}),
    collection: inputText('collection'),
    key,
    ...more,
  };
  const { config, collection } = request;
  const of = JSON.stringify([config, collection, key]);
  const show = (answer: TestAnswer): void => {
    if (answer.batches === 'unprotected') {
      setFieldValue(field('node-config-input', 'bulkWrites'), 'single');
      field('node-config-input', 'bulkWrites').trigger('change');
    }
    if (answer.writes === 'unprotected')
      setFieldValue(field('node-config-input', 'chaining'), false);
    const used = step === 'prove' ? methodsInUse(node.id) : undefined;
    (import(resourceUrl('test-answer.js')) as Promise<typeof Answers>)
      .then(({ showTest }) => {
        showTest(t, area, answer, { of, used });
      })
      .catch(() => {
        area.text(t('record-endpoint.errors.no-answer', { status: 0 }));
      });
  };
  if (key === undefined) {
    show({ ok: false, lines: [{ text: 'record-endpoint.errors.test-key' }] });
    return;
  }
  const buttons = part('read').add(part('prove'));
  buttons.prop('disabled', true);
  area.text(t('record-endpoint.label.testing'));
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
/** Only the credentials that were typed since the dialog was opened; stored secrets never come to the browser. */
function typedCredentials(stored: Readonly<RecordEndpointCredentials>): RecordEndpointCredentials {
  const typed: RecordEndpointCredentials = {};
  for (const name of Object.keys(ENDPOINT_CREDENTIALS) as (keyof typeof ENDPOINT_CREDENTIALS)[]) {
    const value = String(fieldValue(field('node-config-input', name)));
    if (value !== '' && value !== STORED_SECRET && value !== stored[name]) typed[name] = value;
  }
  return typed;
}
