import type { BulkApi } from '../../api/bulk/bulk-api';
import type { RecordRef } from '../../record/ref';
import type { ReadContext } from '../context';
import { fetchRecord, type Fetched } from '../fetch';
import { BulkTally } from './bulk-tally';
import { Dispatcher } from './dispatcher';
import { Intake } from './intake';
import { ListReads } from './list-reads';
import { onceEach, type Notify } from './notice';
import { Requests } from './requests';
import { Round } from './round';

export interface FetchManyOptions {
  /** Requests under way at a time, within the limit of the endpoint; undefined: a few. */
  readonly parallel: number | undefined;
  /** Once for each code. */
  readonly onNotice?: Notify;
}

/** What reads of many records brought. */
export interface FetchedMany {
  /** In the order of the records asked for. */
  readonly fetched: readonly Fetched[];
  /** Requests to the API. */
  readonly calls: number;
}

/** Records whose reads are under way at a time. */
const MOST_UNDER_WAY = 2_000;

/**
 * Reads many records, by lists as far as the API has them; each ends by the rules of a single read.
 * Throws StopError when `context.stop` fires.
 */
export async function fetchRecords(
  refs: readonly RecordRef[],
  fields: readonly string[] | undefined,
  context: ReadContext & { readonly bulk: BulkApi },
  { parallel, onNotice = () => undefined }: FetchManyOptions,
): Promise<FetchedMany> {
  const { family, bulk, time, stop } = context;
  const tally = new BulkTally(time);
  const requests = new Requests(context, stop, tally, parallel);
  requests.isAlone = bulk.reads === undefined;
  const dispatcher = new Dispatcher({ time, stop, limit: requests.limit, pauseMs: 0 });
  const round = new Round(context.random, context.budget);
  const notify = onceEach(onNotice);
  const reads = new ListReads({ family, reads: bulk.reads, requests, dispatcher, round, notify });
  const shared = {
    read: reads.read.bind(reads),
    write: () => Promise.reject(new Error('nothing is written here')),
  };
  const { random } = round;
  const own = { ...context, line: undefined, shared, random, time: dispatcher.time };
  const each = round.budget === undefined ? own : { ...own, budget: round.budget };
  try {
    const fetched = await all(refs, ref => fetchRecord(ref, fields, each));
    return { fetched, calls: tally.summary().calls };
  } finally {
    dispatcher.close();
  }
}

/** So many at a time. Rejects with the first error once nothing is under way any more. */
async function all(
  refs: readonly RecordRef[],
  fetch: (ref: RecordRef) => Promise<Fetched>,
): Promise<Fetched[]> {
  const intake = new Intake(MOST_UNDER_WAY);
  const fetched: Fetched[] = [];
  const errors: unknown[] = [];
  for (const [place, ref] of refs.entries()) {
    if (errors.length > 0) break;
    await intake.start(async () => {
      try {
        fetched[place] = await fetch(ref);
      } catch (error) {
        errors.push(error);
      }
    });
  }
  await intake.allOver();
  if (errors.length > 0) throw errors[0];
  return fetched;
}
