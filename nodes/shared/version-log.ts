import type { Node } from 'node-red';
import type { Attempt } from '../../lib/outcome/outcome';
import type { RecordRef } from '../../lib/record/ref';

/** Writes what each attempt sent and saw to the log of Node-RED at debug level, one line of JSON per attempt. */
export function versionLog(
  node: Pick<Node, 'debug'>,
  { collection, key }: Pick<RecordRef, 'collection' | 'key'>,
): (attempt: Attempt) => void {
  return attempt => {
    node.debug(JSON.stringify({ attempt: { collection, key, ...attempt } }));
  };
}
