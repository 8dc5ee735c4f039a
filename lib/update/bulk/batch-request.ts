import { createHash } from 'node:crypto';
import type { BatchMember, BulkWrites } from '../../api/bulk/bulk-api';
import type { WritePlan } from '../../api/family';
import type { InputError } from '../../errors';
import type { Answer, Fault } from '../../outcome/answer';
import type { WireRequest } from '../../transport/transport';
import type { UpdateContext, Withdrawn } from '../context';

/** A record that is to be written. */
export interface AskedWrite extends BatchMember {
  readonly plan: WritePlan;
  /** It leaves. */
  readonly sent: () => void;
  readonly tell: (result: Answer | Fault | Withdrawn) => void;
  readonly fail: (error: InputError) => void;
}

/** Keys of so many batches are remembered. */
const MOST_KEYS = 100;

/** Makes the requests of batches. */
export class BatchRequests {
  /** By what the batch writes: one that is the same again keeps its key, and its bytes. */
  private readonly keys = new Map<string, string>();

  constructor(
    private readonly writes: BulkWrites,
    private readonly idempotency: UpdateContext['idempotency'],
  ) {}

  /** Throws InputError where a member cannot be part of a batch. */
  requestFor(asked: readonly AskedWrite[], atomic: boolean): WireRequest {
    const members = this.idempotency === undefined ? asked : asked.map(this.withoutKey);
    // Most batches need neither boundary nor key.
    let known: string | undefined;
    const hash = (): string => (known ??= hashOf(members));
    const request = this.writes.request(members, {
      atomic,
      get boundary() {
        return `batch-${hash()}`;
      },
    });
    if (this.idempotency === undefined) return request;
    const { header, isQuoted } = this.idempotency;
    const key = this.keyFor(hash(), this.idempotency.newKey);
    const value = isQuoted === true ? `"${key}"` : key;
    return { ...request, headers: { ...request.headers, [header]: value } };
  }

  /** The key is one of the whole request, and some services take the headers of the envelope for those of each part. */
  private readonly withoutKey = ({ plan, request }: AskedWrite): BatchMember => {
    const header = this.idempotency?.header;
    const headers = Object.entries(request.headers).filter(([name]) => name !== header);
    return { plan, request: { ...request, headers: Object.fromEntries(headers) } };
  };

  private keyFor(hash: string, newKey: () => string): string {
    const known = this.keys.get(hash);
    if (known !== undefined) return known;
    const key = newKey();
    this.keys.set(hash, key);
    const [oldest] = this.keys.keys();
    if (this.keys.size > MOST_KEYS && oldest !== undefined) this.keys.delete(oldest);
    return key;
  }
}

/** Letters and digits, so that it may stand in a boundary. */
function hashOf(members: readonly BatchMember[]): string {
  const hash = createHash('sha256');
  for (const { request } of members) {
    hash.update(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n`);
    hash.update(`${request.body ?? ''}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}
