const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Headers that frame a request, that say who sends it, or that a request has from elsewhere already. */
const TAKEN =
  /^(?:accept.*|authorization|cache-control|connection|content-.*|cookie|date|expect|host|if-.*|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|x-csrf-token)$/i;

/** Why a header of a description's own cannot be sent; undefined: it can. */
export function headerProblem(name: string): 'token' | 'taken' | undefined {
  if (!TOKEN.test(name)) return 'token';
  return TAKEN.test(name) ? 'taken' : undefined;
}
