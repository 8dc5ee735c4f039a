import type { Answer } from '../../outcome/answer';
import { parseJson } from '../../record/json';
import { readHead } from './multipart';

const STATUS_LINE = /^\s*HTTP\/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t][^\r\n]*)?(?:\r?\n|$)/;

/** What an answer as a whole tells of each of its parts. */
export type Whole = Pick<Answer, 'roundTripMs'>;

/**
 * The answer in an `application/http` part, as the transport would have delivered it; undefined for what is none. The
 * part ends where its delimiter begins, whatever Content-Length says: servers count it in different ways.
 */
export function httpAnswer(text: string, whole: Whole): Answer | undefined {
  const line = STATUS_LINE.exec(text);
  const head = line === null ? undefined : readHead(text.slice(line[0].length));
  if (line === null || head === undefined) return undefined;
  return answerOf(Number(line[1]), head.headers, head.rest, whole);
}

/** An answer from its pieces; undefined for a status that no final answer has. */
export function answerOf(
  status: number,
  headers: Answer['headers'],
  text: string,
  { roundTripMs }: Whole,
): Answer | undefined {
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  return { kind: 'answer', status, headers, text, json: parseJson(text), roundTripMs };
}
