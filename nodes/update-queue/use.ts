import { boundedUtf8Key } from '../../lib/coordination/bounded-key';
import { isFields } from '../../lib/record/fields';
import { holds } from '../shared/conditions';
import { HOURS_FIELDS } from '../shared/hours-fields';
import type { TextKey } from '../shared/text-key';
import { QUEUE_FIELDS, type UpdateQueueConfig } from './config';

type FieldName = keyof typeof QUEUE_FIELDS;

/** How a node uses a queue, as it says to the others. A long value is its hash. */
export interface QueueUse {
  readonly node: string;
  /** How a person finds it. */
  readonly label: string;
  readonly host: string;
  /** ISO 8601: since when. */
  readonly since: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A setting in which two differ, by its name in the table of fields. */
export interface Difference {
  readonly name: FieldName;
  readonly here: string;
  readonly there: string;
}

/** What the queue as a whole goes by: in one Node-RED, nodes that differ in these get no common queue. */
const OF_QUEUE: readonly FieldName[] = [
  'changes',
  'mode',
  'parallel',
  'batches',
  'batchSize',
  'batchPause',
  'lease',
  'tries',
  'limit',
  'largest',
  'whenFull',
  'hold',
  'holdFrom',
  'holdTo',
  'holdShortest',
  'holdLongest',
  'peak',
  ...(Object.keys(HOURS_FIELDS) as (keyof typeof HOURS_FIELDS)[]),
];

/** What a node makes of its own messages: the same node in two Node-RED should make the same of them. */
const OF_NODE: readonly FieldName[] = [
  'key',
  'keyType',
  'statusFields',
  'inOrder',
  'inOrderType',
  'eventTime',
  'eventTimeType',
  'notBefore',
  'notBeforeType',
  'record',
  'guard',
];

/** Those that count with the others as they are. */
export function settingsInUse(config: UpdateQueueConfig): Readonly<Record<string, string>> {
  const read = (name: string): unknown => config[name as FieldName];
  const inUse = [...OF_QUEUE, ...OF_NODE].filter(name =>
    holds((QUEUE_FIELDS[name] as { readonly when?: string }).when, read),
  );
  return Object.fromEntries(inUse.map(name => [name, asText(config[name])]));
}

/** Numbers are stored as they were typed. */
function asText(value: unknown): string {
  return boundedUtf8Key(String(value).trim());
}

/** Undefined: nobody of this version has said it. */
export function readUse(text: string): QueueUse | undefined {
  let use: unknown;
  try {
    use = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(use) || !isFields(use.settings)) return undefined;
  const { node, label, host, since, settings } = use;
  const texts = [node, label, host, since, ...Object.values(settings)];
  return texts.every(value => typeof value === 'string') ? (use as unknown as QueueUse) : undefined;
}

/** In what two uses of one queue differ that should not. What only one of them has says nothing: a later version may. */
export function differencesOf(own: QueueUse, other: QueueUse): readonly Difference[] {
  const names = own.node === other.node ? [...OF_QUEUE, ...OF_NODE] : OF_QUEUE;
  return names.flatMap(name => {
    const [here, there] = [own.settings[name], other.settings[name]];
    const isSame = here === undefined || there === undefined || here === there;
    return isSame ? [] : [{ name, here, there }];
  });
}

/** Key of the label under which the dialog shows a field. */
export function labelOf(name: FieldName): TextKey {
  const shown = (name.endsWith('Type') ? name.slice(0, -'Type'.length) : name) as FieldName;
  const { label } = QUEUE_FIELDS[shown] as { readonly label?: TextKey };
  return label ?? (`update-queue.label.${kebab(shown)}` as TextKey);
}

/** Key of the words for a value; undefined: it says itself. */
export function wordsOf(name: FieldName, value: string): TextKey | undefined {
  const isWord = name === 'mode' || name === 'batches' || name === 'whenFull';
  return isWord ? (`update-queue.option.${kebab(name)}-${value}` as TextKey) : undefined;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
