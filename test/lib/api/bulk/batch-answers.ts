import fc from 'fast-check';
import type { Answer } from '../../../../lib/outcome/answer';
import { answer } from '../answers';

/** What really happened to one member, and how the API tells it. */
export interface Truth {
  readonly status: number;
  /** A failed change set may be answered without its Content-ID. */
  readonly isBare: boolean;
}

/** An answer that may be out of order, and have parts too few, too many, twice, or cut off. */
export interface Writing {
  readonly truth: readonly Truth[];
  /** Members in the order in which they are answered; one may be missing, or there twice. */
  readonly order: readonly number[];
  /** Part of the text that arrives, in thousandths. */
  readonly arrives: number;
  /** Successes of members that nobody sent. */
  readonly strangers: number;
}

const TRUTH = fc.record({
  status: fc.constantFrom(200, 204, 412, 412, 404, 429, 500, 999),
  isBare: fc.boolean(),
});

export const WRITINGS: fc.Arbitrary<Writing> = fc
  .array(TRUTH, { minLength: 1, maxLength: 6 })
  .chain(truth =>
    fc.record({
      truth: fc.constant(truth),
      order: ordersOf(truth.length),
      arrives: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1000) },
        fc.integer({ min: 0, max: 999 }),
      ),
      strangers: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 })),
    }),
  );

function ordersOf(count: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length: count }, (_, at) => at);
  return fc.oneof(
    fc.constant(all),
    fc.shuffledSubarray(all, { minLength: count }),
    fc.shuffledSubarray(all),
    fc.array(fc.constantFrom(...all), { maxLength: count + 2 }),
  );
}

/** What a text of a part says of whose it is, so that a test can tell. */
export function mark(member: number): string {
  return `{"member":${String(member)}}`;
}

interface Part {
  readonly id: string;
  readonly member: number;
  readonly status: number;
  readonly isBare: boolean;
}

function partsOf({ truth, order, strangers }: Writing): Part[] {
  const told = order.map(member => ({
    id: String(member + 1),
    member,
    ...(truth[member] ?? { status: 999, isBare: false }),
  }));
  const others = Array.from({ length: strangers }, (_, at) => ({
    id: String(truth.length + 1 + at),
    member: -1,
    status: 204,
    isBare: false,
  }));
  return [...told, ...others];
}

function cut(text: string, { arrives }: Writing): string {
  return text.slice(0, Math.ceil((text.length * arrives) / 1000));
}

/** Multipart, as V4 services write it: successes in a change set with their id, failures in one part. */
export function multipartOf(writing: Writing): Answer {
  const http = ({ id, status, member, isBare }: Part): string =>
    `Content-Type: application/http\r\n${isBare && status >= 400 ? '' : `Content-ID: ${id}\r\n`}\r\nHTTP/1.1 ${String(status)} X\r\nContent-Type: application/json\r\n\r\n${mark(member)}\r\n`;
  const parts = partsOf(writing).map(part =>
    part.status >= 400
      ? `--r\r\n${http(part)}`
      : `--r\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n${http(part)}--c--\r\n`,
  );
  return answer(200, cut(`${parts.join('')}--r--\r\n`, writing), {
    'content-type': 'multipart/mixed;boundary=r',
  });
}

export function jsonOf(writing: Writing): Answer {
  const responses = partsOf(writing).map(({ id, status, member }) => ({
    id,
    status,
    body: JSON.parse(mark(member)) as unknown,
  }));
  return answer(200, cut(JSON.stringify({ responses }), writing));
}

export function resultsOf(writing: Writing): Answer {
  const results = partsOf(writing).map(({ id, status, member }) => ({ id, status, member }));
  return answer(207, cut(JSON.stringify({ results }), writing));
}

export function couchOf(writing: Writing): Answer {
  const rows = partsOf(writing).map(({ id, status, member }) =>
    status < 300
      ? { ok: true, id, rev: `1-${String(member)}`, member }
      : { id, error: status === 999 ? 'odd' : 'conflict', reason: 'x', member },
  );
  return answer(201, cut(JSON.stringify(rows), writing));
}
