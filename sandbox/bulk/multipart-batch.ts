import type { Reply } from '../http/reply';
import { boundaryIn, headed, mimeParts } from './mime';
import type { MimePart } from './mime';
import { isNamed, multipartAnswer } from './multipart-answer';
import type { Part, Plan, Unit } from './plan';
import { stopsAtError } from './reading';
import type { Reading } from './reading';
import { resolved } from './references';

/** Why a body is no batch. */
class Malformed extends Error {}

/** The plan of a multipart batch (OData Protocol 11.7; V2: Batch Processing section 2). */
export function multipartPlan(reading: Reading): Plan | Reply {
  try {
    const units = unitsIn(reading);
    return {
      units,
      stopsAtError: stopsAtError(reading, true),
      answer: results => multipartAnswer(results, reading),
    };
  } catch (error) {
    if (error instanceof Malformed) return reading.refuse(error.message);
    throw error;
  }
}

/** Throws `Malformed`. */
function unitsIn(reading: Reading): Unit[] {
  const { headers, body } = reading.request;
  const sections = sectionsOf(headers['content-type'] ?? '', body);
  if (sections.length === 0) throw new Malformed('The batch has no part.');
  const seen = new Map<string, string>();
  return sections.map((section, n) => {
    const type = section.headers['content-type'] ?? '';
    if (!/^multipart\/mixed\b/i.test(type)) {
      return { parts: [partOf(section, nameless(n), reading, seen)], isAtomic: false };
    }
    return {
      parts: changeSet(sectionsOf(type, section.content), n, reading, seen),
      isAtomic: true,
    };
  });
}

function sectionsOf(mediaType: string, body: string): MimePart[] {
  const boundary = boundaryIn(mediaType);
  if (boundary === undefined) throw new Malformed('The Content-Type names no boundary.');
  const sections = mimeParts(body, boundary);
  if (sections !== undefined) return sections;
  throw new Malformed(
    `The multipart body does not fit its boundary '${boundary}', or ends before the closing one.`,
  );
}

function changeSet(
  sections: readonly MimePart[],
  place: number,
  reading: Reading,
  seen: Map<string, string>,
): Part[] {
  return sections.map((section, n) => {
    const part = partOf(section, nameless(place, n), reading, seen);
    if (part.request.method === 'GET') throw new Malformed('A change set holds no GET.');
    const hasId = isNamed(part) || reading.service.version === 'V2';
    if (!hasId) throw new Malformed('An operation in a change set has no Content-ID.');
    return part;
  });
}

/** The operation in a section of its own media type; `fallback` is its id without a Content-ID. */
function partOf(
  section: MimePart,
  fallback: string,
  reading: Reading,
  seen: Map<string, string>,
): Part {
  checkSection(section);
  const { method, url, message } = operationIn(section.content);
  const id = section.headers['content-id'] ?? message.headers['content-id'];
  if (id !== undefined && seen.has(id))
    throw new Malformed(`The Content-ID '${id}' is used twice.`);
  const target = resolved(url, seen);
  if (id !== undefined) seen.set(id, target ?? url);
  const content = { headers: message.headers, body: bodyOf(message) };
  const part = reading.part(id ?? fallback, method, target ?? url, content);
  if (target !== undefined) return part;
  return { ...part, refusal: reading.refuse(`The reference '${url}' cannot be resolved.`) };
}

interface Operation {
  readonly method: string;
  readonly url: string;
  readonly message: MimePart;
}

/** The HTTP request in a section; empty lines before it are passed over (RFC 9112 section 2.2). */
function operationIn(content: string): Operation {
  const [line = '', ...lines] = content.replace(/^(?:\r\n)+/, '').split('\r\n');
  const [, method = '', url] = /^([A-Za-z]+) (\S+) HTTP\/1\.1$/.exec(line) ?? [];
  const message = headed(lines.join('\r\n'));
  if (url === undefined || message === undefined) {
    throw new Malformed(`'${line.slice(0, 100)}' does not begin an HTTP request.`);
  }
  return { method: method.toUpperCase(), url, message };
}

/** A Content-ID never begins with a blank. */
function nameless(...places: readonly number[]): string {
  return ` ${places.join('.')}`;
}

function checkSection({ headers }: MimePart): void {
  if (!/^application\/http\b/i.test(headers['content-type'] ?? '')) {
    throw new Malformed("A part is not of the type 'application/http'.");
  }
  if (headers['content-transfer-encoding']?.toLowerCase() !== 'binary') {
    throw new Malformed("A part needs 'Content-Transfer-Encoding: binary'.");
  }
}

/** As long as it says, or all of it without the empty lines at its end. */
function bodyOf({ headers, content }: MimePart): string {
  const { 'content-length': length } = headers;
  if (length === undefined) return content.replace(/(?:\r\n)+$/, '');
  const bytes = Buffer.from(content);
  if (!/^\d+$/.test(length) || Number(length) > bytes.length) {
    throw new Malformed('The body of a part is shorter than its Content-Length.');
  }
  return bytes.subarray(0, Number(length)).toString('utf8');
}
