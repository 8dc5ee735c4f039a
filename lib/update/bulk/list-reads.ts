import type { BulkReads, ListPage, ListRequest } from '../../api/bulk/bulk-api';
import type { ApiFamily } from '../../api/family';
import type { InputError } from '../../errors';
import { hasSucceeded, type Answer, type Fault } from '../../outcome/answer';
import type { RecordRef } from '../../record/ref';
import type { WireRequest } from '../../transport/transport';
import type { SharedRead } from '../context';
import { tellingAll } from './broken';
import type { Dispatcher, Job, Queue } from './dispatcher';
import type { Notify } from './notice';
import { STOPPED, type Requests } from './requests';
import type { Round } from './round';

/** A record that is to be read. */
interface AskedRead extends Omit<SharedRead, 'onSent'> {
  /** It leaves. */
  readonly sent: () => void;
  readonly tell: (result: Answer | Fault) => void;
  readonly fail: (error: InputError) => void;
}

export interface ListParts {
  readonly family: ApiFamily;
  /** Undefined: every record is read alone. */
  readonly reads: BulkReads | undefined;
  readonly requests: Requests;
  readonly dispatcher: Dispatcher;
  readonly round: Round;
  readonly notify: Notify;
}

/** So many records are asked for in one list, however short their keys are. */
const MOST_LISTED = 1_000;

/** Refusals that say nothing about the list itself: a read of one record would meet them, too. */
const NOT_ABOUT_LISTS: readonly number[] = [401, 403, 408, 421, 425, 429];

const TOO_LARGE: readonly number[] = [413, 414, 431];

/** Refusals that may be about a field of one record. */
const FOR_A_FIELD: readonly number[] = [400, 404, 422];

/** Reads records by lists, and alone what no list has shown. */
export class ListReads implements Queue {
  private waiting: AskedRead[] = [];
  private readonly alone: AskedRead[] = [];
  private reads: BulkReads | undefined;
  private most = MOST_LISTED;
  private hasListed = false;
  /** Records are listed with such as ask for the same fields only. */
  private isByFields = false;

  constructor(private readonly parts: ListParts) {
    this.reads = parts.reads;
    parts.dispatcher.add('reads', this);
  }

  read({ ref, fields, onSent }: SharedRead): Promise<Answer | Fault> {
    const { dispatcher } = this.parts;
    return new Promise((tell, fail) => {
      this.waiting.push({ ref, fields, tell, fail, sent: dispatcher.waiter(onSent) });
      dispatcher.wake();
    });
  }

  next(isQuiet: boolean): Job | undefined {
    if (this.reads === undefined) this.alone.push(...this.waiting.splice(0));
    const single = this.alone.shift();
    if (single !== undefined) return this.singleJob(single);
    return this.reads && this.nextList(this.reads, isQuiet);
  }

  abandon(): void {
    for (const { tell } of [...this.alone.splice(0), ...this.waiting.splice(0)]) tell(STOPPED);
  }

  private nextList(reads: BulkReads, isQuiet: boolean): Job | undefined {
    const alike = this.alikeReads();
    if (alike.length === 0) return undefined;
    const list = requestFor(alike, reads);
    const { request, count } = list ?? { request: undefined, count: 1 };
    const hasRoom = count === this.waiting.length && count < this.most;
    if (list !== undefined && hasRoom && !isQuiet) return undefined;
    const asked = alike.slice(0, count);
    const taken = new Set(asked);
    this.waiting = this.waiting.filter(read => !taken.has(read));
    const [first] = asked;
    const isSingle = first !== undefined && asked.length === 1;
    if (isSingle || request === undefined) return first && this.singleJob(first);
    return () => tellingAll(asked, () => this.readList(reads, request, asked));
  }

  /** Those that one list can bring, beginning with the first: of one collection, and all as a whole or none. */
  private alikeReads(): AskedRead[] {
    const [first] = this.waiting;
    if (first === undefined) return [];
    const isAlike = ({ ref, fields }: AskedRead): boolean =>
      ref.collection === first.ref.collection &&
      (fields === undefined) === (first.fields === undefined) &&
      (!this.isByFields || signatureOf(fields) === signatureOf(first.fields));
    return this.waiting.filter(isAlike).slice(0, this.most);
  }

  private singleJob(asked: AskedRead): Job {
    return () => tellingAll([asked], () => this.readAlone(asked));
  }

  private async readAlone({ ref, fields, sent, tell }: AskedRead): Promise<void> {
    const { family, requests } = this.parts;
    const request = family.readRequest(ref, fields);
    sent();
    const result = await requests.read(request);
    this.parts.round.next();
    tell(result);
  }

  /**
   * Page after page, until every record has been seen or the pages go in a circle. One that no page names may be gone: a
   * read of its own tells.
   */
  private async readList(
    reads: BulkReads,
    first: WireRequest,
    asked: readonly AskedRead[],
  ): Promise<void> {
    for (const { sent } of asked) sent();
    const refs = asked.map(({ ref }) => ref);
    const open = new Map(asked.entries());
    const seen = new Set<string>();
    let request: WireRequest | undefined = first;
    while (request !== undefined && open.size > 0 && seen.size <= asked.length) {
      if (seen.has(request.url)) break;
      seen.add(request.url);
      const answer: Answer | Fault = await this.parts.requests.read(request);
      const page = pageIn(answer, reads, refs);
      if (page === undefined) {
        this.unlisted(answer, [...open.values()]);
        return;
      }
      this.hasListed = true;
      this.take(page, open);
      request = page.next;
    }
    this.readLater(this.alone, [...open.values()]);
  }

  private take({ found }: ListPage, open: Map<number, AskedRead>): void {
    this.parts.round.next();
    this.learnFrom([...found.values()].filter(hasSucceeded));
    for (const [place, answer] of found) {
      const read = open.get(place);
      if (read === undefined) continue;
      open.delete(place);
      if (hasSucceeded(answer) && !this.isVersioned(answer)) this.readLater(this.alone, [read]);
      else read.tell(answer);
    }
  }

  /** Some APIs name a version only where a record is read alone. A single record may have none, like old ones at SAP CAP. */
  private learnFrom(shown: readonly Answer[]): void {
    if (shown.length < 2 || shown.some(answer => this.isVersioned(answer))) return;
    this.reads = undefined;
    this.parts.notify(NO_VERSIONS);
  }

  private isVersioned(answer: Answer): boolean {
    return this.parts.family.versionOf(answer) !== undefined;
  }

  /** Something else than a list came. */
  private unlisted(answer: Answer | Fault, asked: readonly AskedRead[]): void {
    if (isTooLarge(answer) && asked.length > 1) {
      this.most = Math.max(1, Math.floor(asked.length / 2));
      this.readLater(this.waiting, asked);
    } else if (isAboutList(answer)) {
      this.refused(answer, asked);
    } else {
      this.parts.round.next();
      for (const { tell } of asked) tell(answer);
    }
  }

  /**
   * One field that the API does not know has the whole list refused. So records are listed only with such as ask for the
   * same fields then, and those of the unknown one are read alone.
   */
  private refused(answer: Answer, asked: readonly AskedRead[]): void {
    const isMixed = new Set(asked.map(({ fields }) => signatureOf(fields))).size > 1;
    if (FOR_A_FIELD.includes(answer.status) && isMixed) {
      this.isByFields = true;
      this.readLater(this.waiting, asked);
      return;
    }
    if (!FOR_A_FIELD.includes(answer.status) || !this.hasListed) {
      this.reads = undefined;
      this.parts.notify(noLists(answer));
    }
    this.readLater(this.alone, asked);
  }

  private readLater(queue: AskedRead[], asked: readonly AskedRead[]): void {
    if (this.parts.requests.isStopped) for (const { tell } of asked) tell(STOPPED);
    else queue.push(...asked);
  }
}

function signatureOf(fields: readonly string[] | undefined): string {
  return fields === undefined ? '' : JSON.stringify(fields);
}

/** Undefined: there is none, because of one of them. Read alone, each tells. */
function requestFor(asked: readonly AskedRead[], reads: BulkReads): ListRequest | undefined {
  try {
    const refs = asked.map(({ ref }) => ref);
    return reads.request(refs, fieldsOf(asked));
  } catch {
    return undefined;
  }
}

function pageIn(
  answer: Answer | Fault,
  reads: BulkReads,
  refs: readonly RecordRef[],
): ListPage | undefined {
  return answer.kind === 'fault' || !hasSucceeded(answer) ? undefined : reads.pageOf(answer, refs);
}

function isTooLarge(answer: Answer | Fault): boolean {
  if (answer.kind === 'fault') return answer.code === 'RESPONSE_TOO_LARGE';
  return TOO_LARGE.includes(answer.status);
}

function isAboutList(answer: Answer | Fault): answer is Answer {
  if (answer.kind === 'fault') return false;
  const { status } = answer;
  return status === 501 || status === 505 || (status < 500 && !NOT_ABOUT_LISTS.includes(status));
}

/** Of all of them; undefined where one is wanted as a whole. */
function fieldsOf(asked: readonly AskedRead[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { fields } of asked) {
    if (fields === undefined) return undefined;
    for (const name of fields) names.add(name);
  }
  return [...names];
}

const NO_VERSIONS = {
  code: 'LIST_WITHOUT_VERSIONS',
  message:
    'The list of the API shows no versions, so every record is read alone. Name the version among the fields of the list in the endpoint, under "Many records", if it has one there.',
};

function noLists({ status }: Answer): { readonly code: string; readonly message: string } {
  return {
    code: 'LIST_UNUSABLE',
    message: `The API answered the read of a list with HTTP ${String(status)} or with something else than a list, so every record is read alone. Check "Many records" in the endpoint.`,
  };
}
