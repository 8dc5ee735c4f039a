/** Updates a list of orders in a process of its own, so that it can be killed; see cap-bulk-killed.test.ts. */
import { createBulkApi } from '../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS } from '../../lib/api/bulk/settings';
import { createFamily } from '../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import type { Snapshot } from '../../lib/record/snapshot';
import { systemTime } from '../../lib/retry/time';
import { createTransport } from '../../lib/transport/client';
import { updateRecords } from '../../lib/update/bulk/bulk';
import { OwnWrites } from '../../lib/update/own-writes';
import { checkRequest } from '../../lib/update/request';
import { USUAL_UPDATE, usualContext } from '../support/usual-update';

export interface ChildList {
  readonly baseUrl: string;
  readonly items: readonly {
    readonly ID: string;
    readonly note: string;
    readonly seen?: Snapshot;
  }[];
}

const { baseUrl, items } = JSON.parse(process.argv[2] ?? '') as ChildList;
const family = createFamily('odata', DEFAULT_API_SETTINGS);
const transport = createTransport({
  baseUrl,
  auth: { kind: 'none' },
  requestTimeoutMs: 60_000,
  transientRetries: 0,
  maxResponseBytes: 10_000_000,
  retryWait: () => 0,
  time: systemTime,
});
const members = items.map(({ ID, note, seen }, index) => ({
  index,
  request: checkRequest(
    {
      ...USUAL_UPDATE,
      ref: family.locate(baseUrl, 'Orders', ID),
      changes: { note },
      snapshot: seen,
    },
    family,
  ),
}));
await updateRecords(
  members,
  {
    ...usualContext(family, transport),
    ownWrites: new OwnWrites(),
    bulk: createBulkApi(family, {
      settings: DEFAULT_API_SETTINGS,
      bulk: { ...DEFAULT_BULK_SETTINGS, keyField: 'ID' },
      baseUrl,
    }),
  },
  { batchSize: 20, parallel: 2, pauseMs: 0, atomic: false },
  { onResult: (index, { result }) => process.send?.({ index, outcome: result.outcome }) },
);
