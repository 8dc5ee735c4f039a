import { parseBaseUrl, type BaseUrl } from '../../record/url';

/** Where an API lives, and what stands in every address of it. */
export interface Service {
  readonly base: URL;
  /** Its address, ending in a slash. */
  readonly root: string;
  /** Such as `sap-client=100`; empty: none. */
  readonly query: string;
}

/** Throws InputError `BASE_URL_INVALID`. */
export function serviceAt(baseUrl: BaseUrl, query: string): Service {
  const base = typeof baseUrl === 'string' ? parseBaseUrl(baseUrl) : baseUrl;
  return { base, root: `${base.origin}${base.pathname.replace(/\/+$/, '')}/`, query };
}

/** An address with further query parameters; empty ones are left out. */
export function withParameters(url: string, ...parameters: readonly string[]): string {
  const added = parameters.filter(parameter => parameter !== '').join('&');
  if (added === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${added}`;
}
