import type {
  Announced,
  RecordField,
  RecordSet,
  StateOption,
} from '../../lib/metadata/description';
import type { Meant } from '../shared/editor/api-types';
import type { Pick, Picked } from '../shared/editor/pick';
import { translator } from '../shared/editor/translate';
import { fieldsOf, setsOf, statesOf, type Found } from './pick-lists.editor';
import { chosenEndpoint, meantBy } from './pick-source.editor';

const t = translator('record-endpoint');

/** A line of the list. */
export interface Option extends Picked {
  /** Beside the name. */
  readonly detail: string;
  /** What is to be known of its versions. */
  readonly mark?: { readonly kind: Announced; readonly text: string };
}

/** The options for a field, with the time they were read. Rejects with Trouble. */
export async function optionsFor(pick: Pick, anew: boolean): Promise<Found<Option>> {
  if (pick.what === 'sets') return mapped(await setsOf(chosenEndpoint(), anew), ofSet);
  const meant = meantBy(pick);
  switch (pick.what) {
    case 'fields':
      return mapped(await fieldsOf(meant, anew), ofField);
    case 'keys': {
      const fields = await fieldsOf(meant, anew);
      return mapped({ ...fields, items: fields.items.filter(({ isKey }) => isKey) }, ofField);
    }
    case 'states':
      return mapped(await statesOf(meant, pick.field?.() ?? '', anew), ofState);
  }
}

function mapped<From>(found: Found<From>, optionOf: (from: From) => Option): Found<Option> {
  return { ...found, items: found.items.map(optionOf) };
}

function ofSet({ name, type, keys, label, protection }: RecordSet): Option {
  // Of an API that lists nothing only the names are known.
  const mark = type === '' ? {} : { mark: { kind: protection, text: announcedText(protection) } };
  return {
    value: name,
    isNumber: false,
    detail: [label, keys.join(', ')].filter(Boolean).join(' · '),
    ...mark,
  };
}

/** In words, for a mark of its own says nothing to who cannot see it. */
function announcedText(announced: Announced): string {
  return t(`record-endpoint.answer.pick-${announced}`);
}

function ofField({ name, type, isKey, isReadOnly, comparedAs, label }: RecordField): Option {
  const key = isKey ? t('record-endpoint.answer.pick-key') : '';
  const readOnly = isReadOnly && !isKey ? t('record-endpoint.answer.pick-read-only') : '';
  return {
    value: name,
    isNumber: false,
    detail: [label, type, key, readOnly].filter(Boolean).join(' · '),
    ...(comparedAs === undefined ? {} : { comparedAs }),
  };
}

function ofState({ value, label = '' }: StateOption): Option {
  return { value: String(value), isNumber: typeof value === 'number', detail: label };
}

/** What is told below Records of the set that stands there; empty where it is not known. */
export async function factsOf(collection: string): Promise<string> {
  const { items } = await setsOf(chosenEndpoint());
  const set = items.find(({ name }) => name === collection);
  if (set === undefined || set.type === '') return '';
  return t('record-endpoint.answer.pick-set', {
    keys: set.keys.join(', ') || '?',
    versions: announcedText(set.protection),
  });
}

/** Has the types of a set's fields learned, where it is one that the API lists. */
export async function learnFields(meant: Meant): Promise<void> {
  await fieldsOf(meant).catch(() => undefined);
}
