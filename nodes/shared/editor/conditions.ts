import { field, fieldValue, type Prefix } from './dialog';

/** One part of `data-when`: the field and the values with which the element is shown. */
interface Condition {
  readonly name: string;
  readonly values: readonly string[];
}

/** `schedule=list;jitter=full|percent`: all parts must hold, each with one of its values. */
export function parseConditions(text: string): Condition[] {
  return text.split(';').map(part => {
    const [name = '', values = ''] = part.split('=');
    return { name, values: values.split('|') };
  });
}

/** Keeps every element with `data-when` shown or hidden as the fields it names change. */
export function applyConditions(form: JQuery, prefix: Prefix): void {
  const update = (): void => {
    form.find('[data-when]').each((_, element) => {
      element.hidden = !holds(parseConditions(element.dataset.when ?? ''), prefix);
    });
  };
  for (const name of conditionFields(form)) watched(prefix, name).on('change', update);
  update();
}

/** The type of a typed input lies in a hidden field: it is the visible one that tells of a change. */
function watched(prefix: Prefix, name: string): JQuery {
  return field(prefix, name).add(field(prefix, name.replace(/Type$/, '')));
}

function holds(conditions: readonly Condition[], prefix: Prefix): boolean {
  return conditions.every(({ name, values }) =>
    values.includes(String(fieldValue(field(prefix, name)))),
  );
}

function conditionFields(form: JQuery): Set<string> {
  const texts = form
    .find('[data-when]')
    .toArray()
    .map(element => element.dataset.when ?? '');
  return new Set(texts.flatMap(parseConditions).map(condition => condition.name));
}
