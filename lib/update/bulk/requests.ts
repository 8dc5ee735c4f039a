import type { Answer, Fault } from '../../outcome/answer';
import { deadlineAfter } from '../../retry/time';
import { abortedFault } from '../../transport/fault';
import type { SendOptions, WireRequest } from '../../transport/transport';
import type { ReadContext } from '../context';
import type { BulkTally } from './bulk-tally';

/**
 * Requests for many records at a time, where nothing else is said. Few: an API works through the members of a batch one after the other,
 * and a batch that begins later can be larger, because it knows how those before went.
 */
const MOST_PARALLEL = 4;

/** Recommended number of parallel requests (Dataverse, "Send parallel requests"). */
const DOP_HINT = 'x-ms-dop-hint';

/** Sends the requests of one run and counts them. */
export class Requests {
  /** Each is for one record only. */
  isAlone = false;
  private hint = Number.POSITIVE_INFINITY;

  /**
   * @param kill ends a write that has left
   * @param parallel undefined: a few; as many as the endpoint allows where each is for one record only
   */
  constructor(
    private readonly context: ReadContext,
    private readonly kill: AbortSignal,
    private readonly tally: BulkTally,
    private readonly parallel: number | undefined,
  ) {}

  /** How many may be under way at a time: within the limit of the endpoint now, and as the API recommends. */
  readonly limit = (): number => {
    const usual = this.isAlone ? Number.POSITIVE_INFINITY : MOST_PARALLEL;
    return Math.min(this.parallel ?? usual, this.context.transport.traffic.limit, this.hint);
  };

  get isStopped(): boolean {
    return this.context.stop.aborted;
  }

  read(request: WireRequest): Promise<Answer | Fault> {
    const { family, transport, stop } = this.context;
    // What goes by POST needs the token of a session, though it reads.
    const isGuarded = request.method === 'POST' && family.needsCsrfToken;
    const options = this.options(stop);
    const sending = isGuarded
      ? transport.write(request, options)
      : transport.read(request, options);
    return this.counted(request, sending);
  }

  write(request: WireRequest): Promise<Answer | Fault> {
    const { transport } = this.context;
    return this.counted(request, transport.write(request, this.options(this.kill)));
  }

  private options(signal: AbortSignal): SendOptions {
    const { policy, time, stop } = this.context;
    const deadline = deadlineAfter(policy.deadlineMs, time);
    return { signal, stop, remainingMs: () => deadline.remainingMs() };
  }

  private async counted(
    request: WireRequest,
    sending: Promise<Answer | Fault>,
  ): Promise<Answer | Fault> {
    this.tally.sent(request);
    const result = await sending;
    this.tally.answered(result);
    if (result.kind === 'answer') this.heed(result.headers[DOP_HINT]);
    return result;
  }

  private heed(hint: string | undefined): void {
    if (hint !== undefined && /^[1-9]\d{0,3}$/.test(hint)) this.hint = Number(hint);
  }
}

/** For whoever still waits when the flow stops. */
export const STOPPED: Fault = abortedFault(false);
