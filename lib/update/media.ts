import type { Answer, Fault } from '../outcome/answer';
import type { Verdict } from '../outcome/row';
import type { WireRequest } from '../transport/transport';

/** Whether a read was refused for the media type it asked for. Azure's table storage says 415 of a GET. */
export function isRefusedMedia({ code }: Verdict): boolean {
  return code === 'NOT_ACCEPTABLE' || code === 'MEDIA_TYPE_UNSUPPORTED';
}

/** The same read without a wish, to see what the API answers when it is free to choose. */
export function withoutWish(request: WireRequest): WireRequest {
  return { ...request, headers: { ...request.headers, Accept: '*/*' } };
}

/**
 * The meaning of a refused read, with what a second look showed.
 * @param look the answer to `withoutWish(request)`
 */
export function seenWithoutWish(
  verdict: Verdict,
  { headers }: WireRequest,
  look: Answer | Fault,
): Verdict {
  const asked = headers.Accept ?? headers.accept ?? 'application/json';
  if (look.kind === 'fault') return verdict;
  if (look.status > 299) {
    return {
      ...verdict,
      fix: `It is not the wish for ${asked}: without it the answer is HTTP ${String(look.status)}. Check Records and the base URL.`,
    };
  }
  const type = (look.headers['content-type'] ?? '').slice(0, 100);
  const cure =
    look.json === undefined
      ? 'That is no JSON: check Records and the base URL, or have the API answer JSON.'
      : 'Choose an API family that asks for that: "generic REST" with addresses of the form Records/Key asks for application/json alone.';
  return {
    ...verdict,
    fix: `The API refused the wish for ${asked} (header Accept), and without it answers ${type === '' ? 'a body without a type' : type}. ${cure}`,
  };
}

const NAMED = ['accept-patch', 'accept-post', 'accept'] as const;

/** The meaning of a write whose media type was refused, with the types that the API names (RFC 5789 section 3.1). */
export function namingTypes(verdict: Verdict, { headers }: Answer): Verdict {
  if (verdict.code !== 'MEDIA_TYPE_UNSUPPORTED') return verdict;
  const types = NAMED.map(name => headers[name]).find(value => value !== undefined && value !== '');
  if (types === undefined) return verdict;
  return { ...verdict, fix: `The API names ${types.slice(0, 200)}. ${verdict.fix ?? ''}` };
}
