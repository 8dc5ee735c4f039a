import { STATUS_CODES } from 'node:http';
import type { Reply } from '../http/reply';
import { hashText } from '../random';
import type { Part, PartResult, UnitResult } from './plan';
import { appliedPreference, stopsAtError } from './reading';
import type { Reading } from './reading';
import { shuffled } from './shuffle';

const CRLF = '\r\n';

/** How the parts of one answer are put down. */
interface Style {
  readonly isTerse: boolean;
  readonly hash: number;
  readonly shuffles: boolean;
  readonly namesCause: boolean;
}

/**
 * The answer to a multipart batch. A change set that failed is answered by one part for all of it
 * (OData Protocol 11.7.4), and a service may answer the operations of one that did not in any order.
 */
export function multipartAnswer(units: readonly UnitResult[], reading: Reading): Reply {
  const { settings, seed, request, service } = reading;
  const style = { ...settings, hash: hashText(request.body, seed) };
  const boundary = named('batchresponse', style, 0);
  const sections = units.map((unit, n) => sectionOf(unit, style, n + 1));
  const version: Reply['headers'] =
    service.version === 'V2' ? { dataserviceversion: '2.0' } : { 'odata-version': '4.0' };
  const body = joined(sections, boundary);
  return {
    status: statusOf(units, reading),
    headers: {
      ...version,
      ...appliedPreference(reading),
      'content-type': mediaType(boundary, style),
    },
    body: style.isTerse ? `This part is passed over.${CRLF}${body}` : body,
  };
}

/** Whether a part came with a Content-ID; the id of any other begins with a blank. */
export function isNamed({ id }: Part): boolean {
  return !id.startsWith(' ');
}

/** 202 in V2. Dataverse gives an envelope that stopped the status of what it stopped at. */
function statusOf(units: readonly UnitResult[], reading: Reading): number {
  const { service } = reading;
  const cause = units.at(-1)?.failed;
  const isStopped = cause !== undefined && stopsAtError(reading, true);
  if (service.failsAsWhole && isStopped) return cause.reply.status;
  return service.version === 'V2' ? 202 : 200;
}

function sectionOf({ unit, results, failed }: UnitResult, style: Style, place: number): string {
  if (!unit.isAtomic) return results.map(result => httpSection(result, style, true)).join('');
  if (failed !== undefined) return httpSection(failed, style, style.namesCause);
  const boundary = named('changesetresponse', style, place);
  const ordered = style.shuffles ? shuffled(results, style.hash) : results;
  const sections = ordered.map(result => httpSection(result, style, true));
  const head = [`Content-Type: ${mediaType(boundary, style)}`];
  const body = joined(sections, boundary);
  if (!style.isTerse) head.push(`Content-Length: ${String(Buffer.byteLength(body))}`);
  return [...head, '', body].join(CRLF);
}

/** One operation as a part of the type `application/http`. */
function httpSection({ part, reply }: PartResult, style: Style, tellsId: boolean): string {
  const head = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(tellsId && isNamed(part) ? [`Content-ID: ${part.id}`] : []),
  ];
  return [...head, '', httpMessage(reply, style)].join(CRLF);
}

function httpMessage({ status, headers, body }: Reply, { isTerse }: Style): string {
  const isBare = isTerse && body === '';
  const length = isTerse ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(isBare ? {} : { ...headers, ...length });
  return [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join(CRLF);
}

function joined(sections: readonly string[], boundary: string): string {
  const parts = sections.map(section => `--${boundary}${CRLF}${section}${CRLF}`);
  return `${parts.join('')}--${boundary}--${CRLF}`;
}

function named(kind: string, { hash }: Style, place: number): string {
  return `${kind}_${hash.toString(16).padStart(8, '0')}-${String(place)}`;
}

function mediaType(boundary: string, { isTerse }: Style): string {
  return `multipart/mixed; boundary=${isTerse ? `"${boundary}"` : boundary}`;
}
