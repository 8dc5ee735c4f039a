import { InputError } from '../../errors';
import type { WireRequest } from '../../transport/transport';

/** A request inside a batch, checked: it can end neither its own part nor the batch. */
export interface PartRequest {
  readonly method: string;
  /** Relative to the service, the only form that all servers take. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

/** What belongs to the connection and to the user: it stands with the batch. */
const OF_THE_BATCH =
  /^(?:authorization|proxy-authorization|cookie|x-csrf-token|host|connection|content-length|transfer-encoding|accept-encoding)$/i;

const METHOD = /^[A-Z]+$/;
const URL_TEXT = /^[\x21-\x7e]+$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;

/** Whether a text is the name of a header (RFC 9110 `token`). */
export function isHeaderToken(name: string): boolean {
  return NAME.test(name);
}

/**
 * The request as part of a batch.
 * @param service address of the service, ending in a slash
 * Throws InputError `PART_INVALID` for what could begin another request: line breaks, characters beyond ASCII.
 */
export function partRequest(request: WireRequest, service: string): PartRequest {
  const { method, url, headers, body } = request;
  if (!METHOD.test(method)) throw invalid('its method is no word');
  if (!URL_TEXT.test(url))
    throw invalid('its address holds a blank, a line break or other characters than ASCII');
  if (!url.startsWith(service)) throw invalid('its address is not below the base URL');
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_BATCH.test(name));
  for (const [name, value] of kept) {
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw invalid(
        `the header ${JSON.stringify(name)} holds a line break or other characters than ASCII`,
      );
    }
  }
  return { method, url: withoutScheme(url.slice(service.length)), headers: kept, body };
}

/** A colon in the first step of a relative address would end a scheme. */
function withoutScheme(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path.replaceAll(':', '%3A') + url.slice(path.length);
}

function invalid(why: string): InputError {
  return new InputError(
    'PART_INVALID',
    `The update cannot go into a batch: ${why}. Correct the record key, its version or the header.`,
  );
}
