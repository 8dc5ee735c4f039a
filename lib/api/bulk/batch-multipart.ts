import { InputError } from '../../errors';
import type { Answer } from '../../outcome/answer';
import { httpAnswer, type Whole } from './http-part';
import { boundaryOf, parseMultipart, type Part } from './multipart';
import type { PartRequest } from './part-request';
import { idAt, type Told } from './told';

/** What a batch needs besides its parts. */
export interface MultipartOptions {
  /** Of letters, digits and `-`, at most 40. */
  readonly boundary: string;
  /** Each a change set of its own, all one change set, or none: reads are in none. */
  readonly changeSets: 'each' | 'one' | 'none';
  /** OData V2 services look for the Content-ID in the request, those of V4 before it. */
  readonly isV2: boolean;
}

/** A body of type `multipart/mixed`, with its Content-Type. */
export interface MultipartBody {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The requests as a multipart batch (OData 4.01 part 1, section 11.7.7). No boundary is the beginning of another one,
 * and none stands in quotes: not every server takes that.
 * Throws InputError `BOUNDARY_INVALID`, for one that stands in a part, too.
 */
export function multipartBatch(
  requests: readonly PartRequest[],
  options: MultipartOptions,
): MultipartBody {
  const { boundary, changeSets } = options;
  checkBoundary(boundary, requests);
  const parts = requests.map((request, place) => httpPart(request, idAt(place), options.isV2));
  const sets = { none: parts, one: [changeSet(parts, boundary, 0)], each: [] as string[] };
  if (changeSets === 'each') sets.each = parts.map((part, at) => changeSet([part], boundary, at));
  const outer = `batch_${boundary}`;
  return {
    contentType: `multipart/mixed;boundary=${outer}`,
    body: delimited(sets[changeSets], outer),
  };
}

/** A boundary for parts that hold nothing from outside but what was checked. */
export function freeBoundary(requests: readonly PartRequest[]): string {
  let boundary = 'reads';
  while (requests.some(request => holds(request, boundary))) boundary += '-0';
  return boundary;
}

function checkBoundary(boundary: string, requests: readonly PartRequest[]): void {
  const isFine = /^[A-Za-z0-9-]{1,40}$/.test(boundary);
  if (isFine && !requests.some(request => holds(request, boundary))) return;
  throw new InputError(
    'BOUNDARY_INVALID',
    'The text that separates the updates of the batch stands in one of them, or is none. Send the batch again.',
  );
}

function holds({ url, headers, body = '' }: PartRequest, boundary: string): boolean {
  return [url, body, ...headers.flat()].some(text => text.includes(boundary));
}

const END = '\r\n';

function delimited(parts: readonly string[], boundary: string): string {
  return `${parts.map(part => `--${boundary}${END}${part}${END}`).join('')}--${boundary}--${END}`;
}

function changeSet(parts: readonly string[], boundary: string, at: number): string {
  const own = `changeset_${idAt(at)}_${boundary}`;
  const type = `Content-Type: multipart/mixed;boundary=${own}`;
  return [type, '', delimited(parts, own)].join(END);
}

function httpPart(request: PartRequest, id: string, isV2: boolean): string {
  const { method, url, headers, body } = request;
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${id}`,
    '',
    `${method} ${url} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(isV2 ? [`Content-ID: ${id}`] : []),
    ...(body === undefined ? [] : [`Content-Length: ${String(Buffer.byteLength(body))}`]),
    '',
    body ?? '',
  ].join(END);
}

/** What a multipart answer says, by its places; undefined when it is none, or has no part. */
export function toldInMultipart(
  answer: Answer,
): { readonly places: Told[][]; readonly isComplete: boolean } | undefined {
  const boundary = boundaryOf(answer.headers['content-type']);
  if (boundary === undefined) return undefined;
  const { parts, isClosed } = parseMultipart(answer.text, boundary);
  if (parts.length === 0) return undefined;
  const read = parts.map(part => place(part, answer));
  return {
    places: read.map(({ told }) => told),
    isComplete: isClosed && read.every(({ isClosed: isWhole }) => isWhole),
  };
}

interface Place {
  readonly told: Told[];
  readonly isClosed: boolean;
}

/** A part is the answer to a request, or the answers to a change set. */
function place(part: Part, whole: Whole): Place {
  const inner = boundaryOf(part.headers['content-type']);
  if (inner === undefined) return { told: [toldIn(part, whole)], isClosed: true };
  const { parts, isClosed } = parseMultipart(part.body, inner);
  return { told: parts.map(member => toldIn(member, whole)), isClosed };
}

/** Encodings that leave the text as it is. */
const PLAIN = /^\s*(?:binary|8bit|7bit|)\s*$/i;

function toldIn({ headers, body }: Part, whole: Whole): Told {
  const isPlain = PLAIN.test(headers['content-transfer-encoding'] ?? '');
  const answer = isPlain ? httpAnswer(body, whole) : undefined;
  return { id: idOf(headers) ?? idOf(answer?.headers ?? {}), answer };
}

/**
 * Some servers write it as a mail does, in angle brackets. The SAP CAP adapter for V2 joins both places at which a V2
 * request names it: `1, 1`.
 */
function idOf(headers: Answer['headers']): string | undefined {
  const given = headers['content-id'];
  const ids = given?.split(',').map(id => id.trim().replace(/^<(.*)>$/, '$1'));
  const [id] = ids ?? [];
  return ids?.every(one => one === id) === true ? id : given;
}
