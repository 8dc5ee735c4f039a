import { comparedTypes } from '../../lib/metadata/compared-as';
import { readCsdl, type Csdl, type ODataVersion } from '../../lib/metadata/csdl';
import { fieldsOfType } from '../../lib/metadata/csdl-fields';
import { readColumns, readOptions, readTables } from '../../lib/metadata/dataverse';
import { describedBy, isOptionColumn } from '../../lib/metadata/described';
import type {
  Listed,
  NoDescription,
  RecordField,
  RecordSet,
  StateOption,
} from '../../lib/metadata/description';
import type { RecordKey } from '../../lib/record/fields';
import { learnTypes, type Meant } from '../shared/editor/api-types';
import { askApi, endpointAt, Trouble, trouble, type EditedEndpoint } from './pick-ask.editor';
import { keep, kept, type Kept } from './pick-cache.editor';
import { csdlRoot } from './pick-xml.editor';

/** A list with the time it was read. */
export interface Found<Item> extends Listed<Item> {
  /** Milliseconds since the epoch; absent: it was not read from the API. */
  readonly at?: number;
  /** Why it is older than it was asked for, in words. */
  readonly problem?: string;
}

/** Documents of this page: what they hold of other sets costs no second request. */
const documents = new Map<string, Csdl>();

/** The record sets of an endpoint. Rejects with Trouble. */
export async function setsOf(endpoint: EditedEndpoint, anew = false): Promise<Found<RecordSet>> {
  if (describedBy(endpoint.family) === 'sample')
    return { items: setsInUse(endpoint), isPart: false };
  return known(`${identity(endpoint)}|sets`, anew, () => readSets(endpoint));
}

/** The fields of a record set. Rejects with Trouble. */
export async function fieldsOf(meant: Meant, anew = false): Promise<Found<RecordField>> {
  const endpoint = needed(meant);
  const found = await known(fieldsKey(endpoint, meant), anew, () =>
    readFields(endpoint, meant, anew),
  );
  if (describedBy(endpoint.family) !== 'sample') {
    learnTypes({ ...meant, types: comparedTypes(found.items) });
  }
  return found;
}

/** The fields of one record, for all of its kind. Rejects with Trouble. */
export async function sampleOf(meant: Meant, key: RecordKey): Promise<void> {
  const endpoint = needed(meant);
  const { collection } = meant;
  const { fields = [] } = await askApi(endpoint, { what: 'sample', collection, key });
  keep(fieldsKey(endpoint, meant), { items: fields, isPart: false });
}

/** What a field may hold. Rejects with Trouble. */
export async function statesOf(
  meant: Meant,
  name: string,
  anew = false,
): Promise<Found<StateOption>> {
  const endpoint = needed(meant);
  const fields = await fieldsOf(meant);
  const field = fields.items.find(one => one.name === name);
  if (field?.states !== undefined) return { ...fields, items: field.states };
  const type = describedBy(endpoint.family) === 'dataverse' ? field?.type : undefined;
  if (!isOptionColumn(type)) throw trouble('record-endpoint.errors.pick-no-states', { name });
  const key = `${identity(endpoint)}|states|${meant.collection}|${name}`;
  return known(key, anew, async () => {
    const table = await setNamed(endpoint, meant.collection);
    const asked = { what: 'states', table: table.type, column: name, type };
    const { text = '' } = await askApi(endpoint, asked);
    const options = readOptions(text, name);
    if (typeof options === 'string') throw undescribed(options);
    return { items: options, isPart: false };
  });
}

/** Another address of the same endpoint is another API. */
function identity({ id, family, server, baseUrl, odataVersion }: EditedEndpoint): string {
  return JSON.stringify([id, family, server, baseUrl, odataVersion]);
}

function fieldsKey(endpoint: EditedEndpoint, { collection }: Meant): string {
  return `${identity(endpoint)}|fields|${collection}`;
}

function needed({ endpoint }: Meant): EditedEndpoint {
  const found = endpointAt(endpoint);
  if (found === undefined) throw trouble('record-endpoint.errors.pick-no-endpoint');
  return found;
}

/** Reads under way, so that who asks twice is answered once. */
const reading = new Map<string, Promise<Found<unknown>>>();

/** What was read before; else, or when it is wanted anew, what `read` brings. An old list is better than none. */
async function known<Item>(
  key: string,
  anew: boolean,
  read: () => Promise<Listed<Item>>,
): Promise<Found<Item>> {
  const before = await kept<Listed<Item>>(key);
  if (before !== undefined && !anew) return shown(before);
  const under = reading.get(key) as Promise<Found<Item>> | undefined;
  if (under !== undefined) return under;
  const now = read()
    .then(list => shown(keep(key, list)))
    .catch((error: unknown) => {
      if (before === undefined || !(error instanceof Trouble)) throw error;
      return { ...shown(before), problem: error.message };
    })
    .finally(() => {
      reading.delete(key);
    });
  reading.set(key, now);
  return now;
}

function shown<Item>({ value, at }: Kept<Listed<Item>>): Found<Item> {
  return { ...value, at };
}

async function readSets(endpoint: EditedEndpoint): Promise<Listed<RecordSet>> {
  if (describedBy(endpoint.family) === 'csdl') {
    return { items: (await readDocument(endpoint)).sets, isPart: false };
  }
  const { text = '' } = await askApi(endpoint, { what: 'sets' });
  return described(readTables(text));
}

async function readDocument(endpoint: EditedEndpoint): Promise<Csdl> {
  const { text = '' } = await askApi(endpoint, { what: 'sets' });
  const root = csdlRoot(text);
  const csdl = typeof root === 'string' ? root : readCsdl(root, spoken(endpoint));
  if (typeof csdl === 'string') throw undescribed(csdl);
  documents.set(identity(endpoint), csdl);
  return csdl;
}

/** The Practice API plays SAP Gateway with V2. */
function spoken({ family, server, odataVersion }: EditedEndpoint): ODataVersion {
  if (family !== 'sap-gateway') return 'V4';
  return server === 'url' && odataVersion === 'v4' ? 'V4' : 'V2';
}

async function readFields(
  endpoint: EditedEndpoint,
  { collection }: Meant,
  anew: boolean,
): Promise<Listed<RecordField>> {
  switch (describedBy(endpoint.family)) {
    case 'sample':
      throw trouble('record-endpoint.errors.pick-needs-sample');
    case 'dataverse': {
      const { type } = await setNamed(endpoint, collection);
      const { text = '' } = await askApi(endpoint, { what: 'fields', table: type });
      return described(readColumns(text));
    }
    case 'csdl': {
      const before = anew ? undefined : documents.get(identity(endpoint));
      const csdl = before ?? (await readDocument(endpoint));
      const set = csdl.sets.find(({ name }) => name === collection);
      if (set === undefined) throw noSet(collection);
      return { items: fieldsOfType(csdl, set.type), isPart: false };
    }
  }
}

async function setNamed(endpoint: EditedEndpoint, collection: string): Promise<RecordSet> {
  const { items } = await setsOf(endpoint);
  const set = items.find(({ name }) => name === collection);
  if (set === undefined) throw noSet(collection);
  return set;
}

function noSet(name: string): Trouble {
  return trouble('record-endpoint.errors.pick-no-set', { name });
}

function described<Item>(list: Listed<Item> | NoDescription): Listed<Item> {
  if (typeof list === 'string') throw undescribed(list);
  return list;
}

function undescribed(why: NoDescription): Trouble {
  return trouble(`record-endpoint.errors.pick-${why}`);
}

/** What other nodes name at an API that lists nothing. */
function setsInUse({ id }: EditedEndpoint): RecordSet[] {
  const names = new Set<string>();
  RED.nodes.eachNode(node => {
    const { endpoint, collection, collectionType } = node as Readonly<Record<string, unknown>>;
    const isNamed = endpoint === id && collectionType === 'str' && typeof collection === 'string';
    if (isNamed && collection !== '') names.add(collection);
    return true;
  });
  return [...names].sort().map(name => ({ name, type: '', keys: [], protection: 'not-announced' }));
}
