import type { Translate } from '../checks';

/** The name under which Node-RED knows the package. */
export const PACKAGE = '@flow-concord/node-red-record-updates';

/** For texts that are needed where no node is at hand, such as the labels of properties. */
export function translator(type: string): Translate {
  return (key, values) => RED._(`${PACKAGE}/${type}:${key}`, values);
}
