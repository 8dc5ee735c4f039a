import type { RecordKey } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { collectionOf, keyOf, refOf, type Connection } from '../record-endpoint/lookup';
import type { Scope } from '../shared/scope';
import type { ReadUpdate } from '../shared/update-source';
import { createRules } from '../shared/update-rules';
import type { BulkUpdateConfig } from './config';
import { requestInput } from './members';

/** Where the messages of a list's records have their key and their changes. */
const EACH = { key: 'key', keyType: 'msg', changes: 'payload', changesType: 'msg' } as const;

/** Reads the update of a message that has left this node, as if it were the only one. */
export function createSingleReader(config: BulkUpdateConfig): ReadUpdate {
  const rules = createRules(config);
  const places = config.input === 'list' ? { ...config, ...EACH } : config;
  const { changes: value, changesType: type } = places;
  return async (scope, connection, known) => {
    const ref = known.ref ?? (await refIn(scope, places, connection));
    const changes =
      known.changes ??
      (await scope.evaluateExact({ value, type, label: 'Changes', code: 'CHANGES_INVALID' }));
    const guard = config.input === 'list' ? undefined : scope.get(config.guard);
    const item = { ref, changes, snapshot: undefined, guard };
    const input = requestInput([item], { rules: rules(scope), method: config.method });
    return { input, changesAt: type === 'msg' ? value : undefined };
  };
}

async function refIn(
  scope: Scope,
  places: BulkUpdateConfig,
  connection: Connection,
): Promise<RecordRef> {
  const collection = await collectionOf(scope, places);
  const key: RecordKey = await keyOf(scope, places);
  return refOf(connection, collection, key, places);
}
