import type { Request, RequestHandler, Response } from 'express';
import { StoreUnavailable } from '../../lib/coordination/redis/faults';
import { InputError } from '../../lib/errors';
import type { ReviewDesk } from '../../lib/review/desk';
import type { NodeAPI } from '../../nodes/shared/node-api';
import { afterDeploy } from '../../nodes/shared/deploys';
import { permission } from '../../nodes/shared/permission';
import { sendCsv } from './download';
import { actFace, lookFace, storedFace } from './faces';
import { deskOf, ListGone, listFace, type ReviewLists } from './lists';
import type { ErrorAnswer, HomeAnswer } from './shapes';
import { bulkWish, planWish, reviewAct, reviewFilter, reviewQuery } from './wishes';

const ROOT = '/record-updates/review';

/** Answers with JSON. */
type Answer = (desk: ReviewDesk, request: Request) => unknown;

/** What is asked of the desk of a list, by the end of its path. */
const READ: Readonly<Record<string, Answer>> = {
  entries: (desk, { query }) => desk.list(reviewQuery(query)),
  'entries/:id': entry,
  progress: desk => desk.progress() ?? null,
};
/** Has the record read anew, so it is sent, although it changes nothing. */
const LOOK: Readonly<Record<string, Answer>> = {
  'entries/:id/look': async (desk, { params }) => lookFace(await desk.look(String(params.id))),
};
const DECIDE: Readonly<Record<string, Answer>> = {
  'entries/:id/act': async (desk, request) => {
    const { id } = request.params;
    return actFace(await desk.act(reviewAct(String(id), userOf(request), request.body)));
  },
  plan: (desk, request) => desk.plan(bulkWish(userOf(request), request.body)),
  start: (desk, { body }) => desk.start(planWish(body)),
  stop: desk => desk.stop() ?? null,
};

/**
 * What the sidebar asks. Registered once. Whoever may read sees values of records and may have a record read anew; whoever
 * may review decides. Every act carries the name of who is signed in.
 */
export function registerReviewRoutes(RED: NodeAPI, lists: ReviewLists): void {
  const { httpAdmin } = RED;
  const settled = afterDeploy(RED);
  const mayRead = RED.auth.needsPermission('record-updates.read');
  const mayReview = RED.auth.needsPermission('record-updates.review');
  const reviews = permission(RED, 'record-updates.review');
  const reading =
    (answer: (request: Request, response: Response) => Promise<unknown>): RequestHandler =>
    (request, response) => {
      void reply(RED, response, () => answer(request, response));
    };
  const desk = (request: Request): Promise<ReviewDesk> =>
    deskOf(lists, String(request.params.list));
  const onDesk = (answer: Answer): RequestHandler =>
    reading(async request => answer(await desk(request), request));
  /** A form that a web page may post unasked is no command. */
  const command = (answer: Answer): RequestHandler =>
    reading(async request => {
      if (request.is('application/json')) return answer(await desk(request), request);
      throw new InputError('REQUEST_INVALID', 'The request must be JSON.');
    });

  const home = async (request: Request): Promise<HomeAnswer> => ({
    lists: await Promise.all(lists().map(listFace)),
    mayReview: await reviews(request),
    user: userOf(request),
  });
  const csv = async (request: Request, response: Response): Promise<void> =>
    sendCsv(await desk(request), reviewFilter(request.query), response);
  httpAdmin.get(ROOT, mayRead, settled, reading(home));
  httpAdmin.get(`${ROOT}/:list/csv`, mayRead, settled, reading(csv));
  for (const [path, answer] of Object.entries(READ)) {
    httpAdmin.get(`${ROOT}/:list/${path}`, mayRead, settled, onDesk(answer));
  }
  for (const [path, answer] of Object.entries(LOOK)) {
    httpAdmin.post(`${ROOT}/:list/${path}`, mayRead, settled, command(answer));
  }
  for (const [path, answer] of Object.entries(DECIDE)) {
    httpAdmin.post(`${ROOT}/:list/${path}`, mayReview, settled, command(answer));
  }
}

class EntryGone extends InputError {
  constructor() {
    super('ENTRY_GONE', 'This entry is not in the list any more. Look at the list again.');
  }
}

async function entry(desk: ReviewDesk, { params }: Request): Promise<unknown> {
  const stored = await desk.get(String(params.id));
  if (stored === undefined) throw new EntryGone();
  return storedFace(stored);
}

/** As adminAuth knows them; empty: nobody has to sign in. */
function userOf(request: Request): string {
  const { user } = request as Request & { readonly user?: { readonly username?: unknown } };
  return typeof user?.username === 'string' ? user.username.slice(0, 200) : '';
}

/** Answers with what is asked for as JSON, unless it has answered by itself, or with what is wrong. */
async function reply(
  RED: Pick<NodeAPI, 'log'>,
  response: Response,
  answer: () => Promise<unknown>,
): Promise<void> {
  try {
    response.set('cache-control', 'no-store');
    const body = await answer();
    if (!response.headersSent) response.json(body);
  } catch (error) {
    // What has begun as a download cannot become an error any more; an end that is missing is one.
    if (response.headersSent) response.destroy();
    else answerError(RED, response, error);
  }
}

function answerError(RED: Pick<NodeAPI, 'log'>, response: Response, error: unknown): void {
  const status = statusOf(error);
  if (status === 500) RED.log.error(`conflicts-sidebar: ${String(error)}`);
  const known = status !== 500;
  const answer: ErrorAnswer = {
    error: {
      code: known ? (error as InputError).code : 'FAILED',
      message: known ? (error as Error).message : 'This could not be done. See the Node-RED log.',
    },
  };
  response.status(status).json(answer);
}

function statusOf(error: unknown): number {
  if (error instanceof ListGone || error instanceof EntryGone) return 404;
  if (error instanceof StoreUnavailable) return 503;
  return error instanceof InputError ? 400 : 500;
}
