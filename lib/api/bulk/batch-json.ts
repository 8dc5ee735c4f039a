import { InputError } from '../../errors';
import type { Answer } from '../../outcome/answer';
import { numeralOf } from '../../record/exact';
import { isFields, type Fields } from '../../record/fields';
import { parseUnaltered, stringifyExact } from '../../record/json';
import { answerOf, type Whole } from './http-part';
import { isLeftOut } from './multipart';
import type { PartRequest } from './part-request';
import { idAt, type Told } from './told';

/** How the requests of a JSON batch belong together: each for itself, all or none, or reads. */
export type Grouping = 'each' | 'one' | 'none';

/**
 * The requests as a JSON batch (OData JSON 4.01, section 19). Bodies go in as they are, so that no number loses a digit.
 * Throws InputError `PART_INVALID` for a body that is not JSON.
 */
export function jsonBatch(requests: readonly PartRequest[], grouping: Grouping): string {
  const entries = requests.map((request, place) => entry(request, idAt(place), grouping));
  return `{"requests":[${entries.join(',')}]}`;
}

function entry(request: PartRequest, id: string, grouping: Grouping): string {
  const { method, url, headers, body } = request;
  const lower = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  // A group is named differently from every request.
  const group = grouping === 'none' ? {} : { atomicityGroup: grouping === 'one' ? 'g' : `g${id}` };
  const head = JSON.stringify({ id, ...group, method, url, headers: lower });
  if (body === undefined) return head;
  if (parseUnaltered(body) !== undefined) return `${head.slice(0, -1)},"body":${body}}`;
  throw new InputError(
    'PART_INVALID',
    'The update cannot go into a JSON batch: what it sends is not JSON. Choose multipart as the format of batches.',
  );
}

/** What a JSON answer says; undefined when it has no list of responses. */
export function toldInJson(
  answer: Answer,
): { readonly places: Told[][]; readonly isComplete: boolean } | undefined {
  if (!isFields(answer.json) || !Array.isArray(answer.json.responses)) return undefined;
  const body = parseUnaltered(answer.text);
  if (!isFields(body) || !Array.isArray(body.responses)) return undefined;
  const rest = body['@odata.nextLink'] ?? body['@nextLink'];
  return {
    places: body.responses.map((response: unknown) => [toldIn(response, answer)]),
    isComplete: rest === undefined,
  };
}

function toldIn(response: unknown, whole: Whole): Told {
  if (!isFields(response)) return { id: undefined, answer: undefined };
  const { id, status, headers } = response;
  const named = headersOf(headers);
  const text = textOf(response, named['content-type']);
  // Text that looks like a number is none: only a status is taken for one.
  const digits = numeralOf(status);
  const answer = digits === undefined ? undefined : answerOf(Number(digits), named, text, whole);
  return { id: idOf(id), answer };
}

/** Sent as text, and a number comes back from servers that read it as one. */
function idOf(id: unknown): string | undefined {
  if (typeof id === 'string') return id;
  return numeralOf(id);
}

function headersOf(headers: unknown): Answer['headers'] {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(isFields(headers) ? headers : {})) {
    const key = name.toLowerCase();
    const text = typeof value === 'string' ? value : numeralOf(value);
    if (text !== undefined && !isLeftOut(key, text)) named[key] = text;
  }
  return named;
}

/** JSON stands there as it is, anything else as text. */
function textOf(response: Fields, contentType = ''): string {
  const { body } = response;
  if (body === undefined) return '';
  const isText = typeof body === 'string' && !/\bjson\b/i.test(contentType);
  return isText ? body : stringifyExact(body);
}
