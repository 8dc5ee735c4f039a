import { field, fieldValue, type Prefix } from './dialog';
import { holds, parseConditions } from '../conditions';

/** Keeps every element with `data-when` shown or hidden as the fields it names change. */
export function applyConditions(form: JQuery, prefix: Prefix): void {
  const other = (name: string): unknown => fieldValue(field(prefix, name));
  const update = (): void => {
    form.find('[data-when]').each((_, element) => {
      element.hidden = !holds(element.dataset.when ?? '', other);
    });
  };
  for (const name of conditionFields(form)) watched(prefix, name).on('change', update);
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
