/** What the dialog loads when the exchange is unfolded: the requests that an update would send, as the engine makes them. */
import type { UpdateMethod } from '../../lib/api/family';
import { InputError } from '../../lib/errors';
import type { WireRequest } from '../../lib/transport/transport';
import type { Translate } from '../shared/checks';
import { addStyle } from '../shared/editor/style';
import type { TextName } from '../shared/text-key';
import type { RecordEndpointConfig } from './config';
import css from './exchange-preview.css';
import { previewOf, type Example } from './preview';

addStyle('record-updates-request-style', css);

const METHODS: readonly UpdateMethod[] = ['PATCH', 'PUT', 'MERGE'];

/**
 * Shows inputs for an example, and below them the requests of an update with it; anew with every change in the dialog.
 * @param config the settings as the dialog shows them
 */
export function showPreview(t: Translate, area: HTMLElement, config: () => object): void {
  const word = (name: TextName<'record-endpoint.label'>): string =>
    t(`record-endpoint.label.${name}`);
  const inputs = {
    collection: textRow(word('preview-collection'), 'collection', 'orders'),
    key: textRow(word('preview-key'), 'key', 'A-1'),
    method: methodRow(word('preview-method')),
    force: checkRow(word('preview-force')),
    changes: areaRow(word('preview-changes'), 'changes', '{"status": "Done"}'),
    answer: areaRow(word('preview-answer'), 'answer', ''),
    etag: textRow(word('preview-etag'), 'etag', '"v7"'),
  };
  const fault = element('p', { class: 'form-tips', role: 'status', 'aria-live': 'polite' });
  const requests = element('div', {});
  const heading = element('h5', {}, word('preview'));
  const hint = element('p', { class: 'record-updates-hint' }, t('record-endpoint.tip.preview'));
  area.replaceChildren(
    heading,
    hint,
    ...Object.values(inputs).map(({ row }) => row),
    fault,
    requests,
  );
  const update = (): void => {
    const example: Example = {
      collection: inputs.collection.value(),
      key: inputs.key.value(),
      method: inputs.method.value() as UpdateMethod,
      force: inputs.force.value() === 'true',
      changes: inputs.changes.value(),
      answer: inputs.answer.value(),
      etag: inputs.etag.value(),
    };
    const said = problem(t, area, () => {
      const { read, write } = previewOf(t, config() as RecordEndpointConfig, example);
      requests.replaceChildren(
        table(word('preview-reads'), read),
        table(word('preview-writes'), write),
      );
    });
    fault.textContent = said;
    fault.hidden = said === '';
    requests.hidden = said !== '';
  };
  const form = area.closest('.record-updates') ?? area;
  for (const event of ['input', 'change']) form.addEventListener(event, update);
  // jQuery tells of a change only those who ask it.
  $(form).on('change', update);
  update();
}

/** What is wrong, in words; empty: nothing. */
function problem(t: Translate, area: HTMLElement, show: () => void): string {
  const marked = area.closest('details')?.querySelectorAll('.input-error') ?? [];
  if ([...marked].some(input => !input.closest('[hidden]'))) {
    return t('record-endpoint.tip.preview-invalid');
  }
  try {
    show();
    return '';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return t(`engine.${error.code}`, { message: error.message, defaultValue: error.message });
  }
}

interface Row {
  readonly row: HTMLElement;
  readonly value: () => string;
}

function labelled(label: string, name: string, input: HTMLElement): HTMLElement {
  const id = `record-endpoint-preview-${name}`;
  input.id = id;
  const row = element('div', { class: 'form-row' });
  row.append(element('label', { for: id }, label), input);
  return row;
}

function textRow(label: string, name: string, value: string): Row {
  const input = element('input', { type: 'text', value });
  return { row: labelled(label, name, input), value: () => input.value };
}

function areaRow(label: string, name: string, value: string): Row {
  const input = element('textarea', { rows: '2', spellcheck: 'false' }, value);
  return { row: labelled(label, name, input), value: () => input.value };
}

function methodRow(label: string): Row {
  const input = element('select', {});
  input.append(...METHODS.map(method => element('option', { value: method }, method)));
  return { row: labelled(label, 'method', input), value: () => input.value };
}

function checkRow(label: string): Row {
  const input = element('input', { type: 'checkbox', id: 'record-endpoint-preview-force' });
  const row = element('div', { class: 'form-row record-updates-check' });
  const text = element('label', { for: input.id });
  text.append(input, ` ${label}`);
  row.append(text);
  return { row, value: () => String(input.checked) };
}

function table(caption: string, { method, url, headers, body }: WireRequest): HTMLElement {
  const lines: [string, string][] = [
    [method, url],
    ...Object.entries(headers),
    ...(body === undefined ? [] : [['', body] as [string, string]]),
  ];
  const rows = lines.map(([name, value]) => {
    const row = element('tr', {});
    row.append(element('th', { scope: 'row' }, name), element('td', {}, value));
    return row;
  });
  const all = element('table', { class: 'record-updates-request' });
  all.append(element('caption', {}, caption), ...rows);
  return all;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  text = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.textContent = text;
  return made;
}
