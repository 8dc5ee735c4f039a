import type editorClient from '@node-red/editor-client';
import type { Translate } from '../checks';
import { field } from './dialog';
import { pickableTyped } from './pick';
import { recordsExample } from './records-example';

type InputType = editorClient.WidgetTypedInputType | editorClient.WidgetTypedInputTypeDefinition;

/** Turns the field of a property into a typed input whose type lives in the hidden field `<name>Type`. */
export function typedField(name: string, types: InputType[]): void {
  field('node-input', name).typedInput({ types, typeField: `#node-input-${name}Type` });
  nameByLabel(field('node-input', name));
}

/** A field that names a message property, such as `record`. */
export function messageField(name: string): void {
  field('node-input', name).typedInput({ default: 'msg', types: ['msg'] });
  nameByLabel(field('node-input', name));
}

/** A field that holds a JSONata expression, with the expression editor at hand. */
export function expressionField(name: string): void {
  field('node-input', name).typedInput({ default: 'jsonata', types: ['jsonata'] });
  nameByLabel(field('node-input', name));
}

/** A type of our own whose value is a JSONata expression, with the expression editor at hand. */
export function expressionType(value: string, label: string): InputType {
  const type: InputType & { expand: (this: JQuery) => void } = {
    value,
    label,
    icon: 'red/images/typedInput/expr.svg',
    expand() {
      RED.editor.editExpression({
        // As the editor does for its own type: a text field has one line.
        value: this.typedInput('value').replace(/\t/g, '\n'),
        stateId: '',
        focus: true,
        complete: (text: string) => this.typedInput('value', text.replace(/\n/g, '\t')),
      });
    },
  };
  return type;
}

/** A list of names as a type, with a button for those that the API tells. */
export function listedType(label: string, open: () => void): InputType {
  const type: InputType & { expand: () => void } = {
    value: 'str',
    label,
    icon: 'red/images/typedInput/az.svg',
    expand: open,
  };
  return type;
}

/** Sets up the fields Records and Key. */
export function recordFields(t: Translate): void {
  const list = pickableTyped(t, field('node-input', 'collection'), { what: 'sets', type: 'str' });
  const text = listedType(RED._('typedInput.type.str'), list.open);
  typedField('collection', [text, 'msg', 'flow', 'global', 'env', 'jsonata']);
  // What is told of a chosen record set: its key, and whether it says that it compares versions.
  $('<div class="record-updates-hint" id="record-updates-set" role="status">').appendTo(
    field('node-input', 'collection').closest('.form-row'),
  );
  keyField();
  exemplify();
}

/** Keeps the example in the empty field Records in step with the chosen endpoint. */
function exemplify(): void {
  const endpoint = field('node-input', 'endpoint');
  const records = field('node-input', 'collection').next('.red-ui-typedInput-container');
  const show = (): void => {
    const family = RED.nodes.node(String(endpoint.val()))?.family;
    records.find('.red-ui-typedInput-input').attr('placeholder', recordsExample(family));
  };
  endpoint.on('change', show);
  show();
}

export function keyField(): void {
  typedField('key', ['msg', 'str', 'num', 'json', 'flow', 'global', 'env', 'jsonata']);
}

/** A typed input shows fields of its own that a label's `for` does not reach. */
export function nameByLabel(input: JQuery): void {
  const label = input.closest('.form-row').children('label').first();
  const id = `${input.attr('id') ?? ''}-label`;
  label.attr('id', id);
  const widget = nameParts(input, { 'aria-labelledby': id });
  label.on('click', () => {
    widget.find('input:visible').first().trigger('focus');
  });
}

/** The same for a typed input without a label of its own, as in the row of a list. */
export function nameTypedInput(input: JQuery, name: string): void {
  nameParts(input, { 'aria-label': name });
}

function nameParts(input: JQuery, name: Readonly<Record<string, string>>): JQuery {
  const widget = input.next('.red-ui-typedInput-container').attr({ role: 'group', ...name });
  widget.find('input, .red-ui-typedInput-option-expand').attr(name);
  return widget;
}
