import { createFamily } from '../../../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../../../lib/api/settings';
import type { QueuedUpdate, RecordQueue, Ticket } from '../../../../lib/coordination/queue/queue';
import type { UpdateResult, WriteFate } from '../../../../lib/outcome/outcome';
import { DEFAULT_POLICY } from '../../../../lib/retry/policy';
import { systemTime } from '../../../../lib/retry/time';
import { createTransport } from '../../../../lib/transport/client';
import { updateRecord } from '../../../../lib/update/loop';
import { checkRequest, type Computation } from '../../../../lib/update/request';
import { USUAL_UPDATE, usualContext } from '../../../support/usual-update';
import type { Claim } from './versioned-api';

const REQUEST_MS = 5000;

const POLICY = {
  ...DEFAULT_POLICY,
  requestTimeoutMs: REQUEST_MS,
  schedule: { kind: 'list', waitsMs: [5, 20, 50] },
} as const;

/** Writes to the API as conditional-update does. */
export class ApiClient {
  private readonly family = createFamily('rest', DEFAULT_API_SETTINGS);
  private readonly transport;

  constructor(private readonly url: string) {
    this.transport = createTransport({
      baseUrl: url,
      auth: { kind: 'none' },
      requestTimeoutMs: REQUEST_MS,
      transientRetries: POLICY.transientRetries,
      maxResponseBytes: 100_000,
      retryWait: () => 5,
      time: systemTime,
    });
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  /**
   * @param n number of the update, which one without changes leaves in the record
   * @param fate what is known of its write from a delivery before
   */
  async update(
    queue: RecordQueue,
    ticket: Ticket,
    { record, changes }: Pick<QueuedUpdate, 'record' | 'changes'>,
    { n, fate }: { readonly n: number; readonly fate: WriteFate | undefined },
  ): Promise<UpdateResult> {
    const { family, transport } = this;
    // One for each update: on a busy machine many of them sleep at a time.
    const never = new AbortController().signal;
    const request = checkRequest(
      {
        ...USUAL_UPDATE,
        ref: family.locate(this.url, 'records', record),
        changes,
        computation: changes === undefined ? adding(n) : undefined,
        stamp: changes === undefined ? 'writtenBy' : undefined,
        rule: 'overwrite',
        base: fate?.base,
        pending: fate?.pending,
      },
      family,
    );
    const { result } = await updateRecord(request, {
      ...usualContext(family, transport),
      policy: POLICY,
      stop: never,
      kill: never,
      beforeWrite: written => queue.beforeWrite(ticket, written),
    });
    return result;
  }

  /** Whether it may go on. */
  async enter(claim: Claim): Promise<boolean> {
    return (await this.claim('enter', claim)) === 204;
  }

  async leave(claim: Claim): Promise<void> {
    await this.claim('leave', claim);
  }

  private async claim(what: string, claim: Claim): Promise<number> {
    const { status } = await fetch(`${this.url}/${what}`, {
      method: 'POST',
      body: JSON.stringify(claim),
    });
    return status;
  }
}

function adding(n: number): Computation {
  return {
    fields: ['count'],
    hash: `add one ${n}`,
    of: ({ values }) => Promise.resolve({ count: Number(values.count) + 1, last: n }),
  };
}
