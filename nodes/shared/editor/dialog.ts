import { holds, parseConditions } from '../conditions';
import { unfoldInvalidSections } from './sections';

export type Prefix = 'node-input' | 'node-config-input';

interface Identified {
  readonly id: string;
}

/** Prepares the open edit dialog of a node and returns its form. */
export function prepareDialog(node: Identified, prefix: Prefix): JQuery {
  const form = $(`#${prefix}-name`).closest('.record-updates');
  form.attr('data-node', node.id);
  applyConditions(form, prefix);
  unfoldInvalidSections(form);
  return form;
}

/** Keeps every element with `data-when` shown or hidden as the fields it names change. */
function applyConditions(form: JQuery, prefix: Prefix): void {
  const other = (name: string): unknown => fieldValue(field(prefix, name));
  const update = (): void => {
    form.find('[data-when]').each((_, element) => {
      element.hidden = !holds(element.dataset.when ?? '', other);
    });
  };
  for (const name of conditionFields(form)) watched(prefix, name).on('input change', update);
  update();
}

/** The type of a typed input lies in a hidden field: it is the visible one that tells of a change. */
function watched(prefix: Prefix, name: string): JQuery {
  return field(prefix, name).add(field(prefix, name.replace(/Type$/, '')));
}

function conditionFields(form: JQuery): Set<string> {
  const texts = form
    .find('[data-when]')
    .toArray()
    .map(element => element.dataset.when ?? '');
  return new Set(texts.flatMap(parseConditions).map(condition => condition.name));
}

/** The field of a property in the dialog. */
export function field(prefix: Prefix, name: string): JQuery {
  return $(`#${prefix}-${name}`);
}

/** What a field holds, with checkboxes as booleans. */
export function fieldValue(input: JQuery): string | boolean {
  if (input.is(':checkbox')) return input.is(':checked');
  const value = input.val();
  return typeof value === 'string' ? value : '';
}

/** Puts a value into a field. Whoever watches it is told by a `change` event of its own. */
export function setFieldValue(input: JQuery, value: unknown): void {
  if (input.is(':checkbox')) input.prop('checked', value === true);
  else if (typeof value === 'string' || typeof value === 'number') input.val(value);
}

/**
 * The value of another property while one is validated: what the node's open dialog shows, else what is stored.
 * Fields of different nodes share their ids, so the form must carry the node's own id.
 */
export function currentValue<Node extends Identified>(
  node: Node,
  name: keyof Node & string,
): unknown {
  // Not by jQuery, which marks the form for each search: the editor asks this for every field whenever one has changed.
  const forms = [...document.querySelectorAll<HTMLElement>('.record-updates')];
  const form = forms.find(element => element.dataset.node === node.id);
  const input = form?.querySelector<HTMLElement>(`#node-input-${name}, #node-config-input-${name}`);
  return input ? fieldValue($(input)) : node[name];
}
