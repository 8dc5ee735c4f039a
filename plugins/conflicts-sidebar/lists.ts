import { InputError } from '../../lib/errors';
import type { ReviewDesk } from '../../lib/review/desk';
import type { ListFace } from './shapes';

/** A deployed list of dead letters. */
export interface ReviewList {
  readonly id: string;
  readonly name: string;
  /** Where its entries are: lists with the same place share them. */
  readonly place: string;
  /** Rejects while its store cannot be used. */
  desk(): Promise<ReviewDesk>;
}

/** Asked each time: a deploy makes others of them. */
export type ReviewLists = () => readonly ReviewList[];

export class ListGone extends InputError {
  constructor() {
    super(
      'LIST_GONE',
      'This list of dead letters is not deployed: its node was deleted or is disabled. Deploy it again, or choose another list.',
    );
  }
}

/** Rejects with ListGone. */
export async function deskOf(lists: ReviewLists, id: string): Promise<ReviewDesk> {
  const list = lists().find(one => one.id === id);
  if (list === undefined) throw new ListGone();
  return list.desk();
}

/** Never rejects: a list that is away says so. */
export async function listFace(list: ReviewList): Promise<ListFace> {
  const { id, name } = list;
  try {
    const counts = await (await list.desk()).counts();
    return { id, name, counts, unavailable: undefined };
  } catch (error) {
    const unavailable = error instanceof Error ? error.message : String(error);
    return { id, name, counts: undefined, unavailable };
  }
}
