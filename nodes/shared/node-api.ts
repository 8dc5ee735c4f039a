import type { NodeAPI as Published } from 'node-red';
import type { TextKey } from './text-key';

/** What Node-RED hands to a node, with the one difference that only texts of the catalogues can be asked for. */
export interface NodeAPI extends Omit<Published, '_'> {
  _(this: void, key: TextKey, values?: Readonly<Record<string, unknown>>): string;
}
