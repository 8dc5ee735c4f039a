import { apiTypesFor, type ApiTypes } from '../api-types';
import type { Translate } from '../checks';
import { field } from './dialog';

/** Whose records are meant in the open dialog: its endpoint and its text under Records. */
export interface Meant {
  readonly endpoint: string;
  readonly collection: string;
}

interface Learned extends Meant {
  readonly types: ApiTypes['types'];
}

/**
 * Where the open dialog shows what it knows, and keeps it: as it was stored, or found since. Not in a variable, for the
 * editor runs the script of all dialogs once per node type.
 */
function shownTypes(): JQuery {
  return $('#node-input-apiTypes-known');
}

const LEARNED = 'record-updates-learned';

/** The record set of the open dialog; undefined where it is not a text, or there is none. */
export function meantInDialog(): Meant | undefined {
  const text = (name: string): string => {
    const value = field('node-input', name).val();
    return typeof value === 'string' ? value.trim() : '';
  };
  const endpoint = text('endpoint');
  const collection = text('collection');
  const isText = text('collectionType') === 'str' && collection !== '';
  return isText && RED.nodes.node(endpoint) ? { endpoint, collection } : undefined;
}

/** Takes note of types that the API tells, where they are of the records that the open dialog names. */
export function learnTypes(found: Learned): void {
  if (isMeant(found)) keepTypes(found);
}

function keepTypes(learned: Learned | undefined): void {
  shownTypes()
    .data(LEARNED, learned ?? null)
    .trigger(LEARNED);
}

function isMeant({ endpoint, collection }: Meant): boolean {
  const meant = meantInDialog();
  return meant?.endpoint === endpoint && meant.collection === collection;
}

/** Shows in the section Comparing which types are known of the API. */
export function prepareApiTypes(t: Translate, stored: object): void {
  const meant = meantInDialog();
  const types =
    meant && apiTypesFor(stored, { collection: meant.collection, collectionType: 'str' });
  const area = shownTypes();
  const show = (): void => {
    const known = Object.entries(readApiTypes().types ?? {});
    const names = known.map(([name, type]) => `${name} (${t(`shared.option.type-${type}`)})`);
    area.prop('hidden', known.length === 0);
    area.find('span').text(t('shared.tip.api-types', { names: shortened(names) }));
  };
  area.on(LEARNED, show);
  area.find('button').on('click', () => {
    keepTypes(undefined);
  });
  field('node-input', 'endpoint').add(field('node-input', 'collection')).on('change', show);
  keepTypes(meant && types && Object.keys(types).length > 0 ? { ...meant, types } : undefined);
}

/** What is stored with the node: types of other records are none. */
export function readApiTypes(): Partial<ApiTypes> {
  const learned = shownTypes().data(LEARNED) as Learned | null | undefined;
  if (learned === undefined || learned === null || !isMeant(learned)) return {};
  return { collection: learned.collection, types: learned.types };
}

/** Names that are shown; the others are counted. */
const SHOWN = 12;

function shortened(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return [...names.slice(0, SHOWN), ...(rest > 0 ? [`+ ${String(rest)}`] : [])].join(', ');
}
