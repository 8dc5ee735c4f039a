import type { Outcome } from './outcome';

/** What went wrong on the way of a request without an answer, as far as its error code tells. */
export type FaultKind =
  | 'name' // the host name could not be resolved
  | 'refused' // nothing listens at the port
  | 'route'
  | 'connect-timeout'
  | 'certificate'
  | 'handshake' // TLS, but for the certificate
  | 'address' // no URL, or no http
  | 'invalid-request' // our side could not make HTTP of it
  | 'closed' // our own connection pool, before or while the request was under way
  | 'aborted';

/** Error codes of Node.js, OpenSSL and the HTTP clients. The only list of them. */
const KINDS: readonly (readonly [RegExp, FaultKind])[] = [
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'name'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(?:EHOSTUNREACH|ENETUNREACH)$/, 'route'],
  [/^UND_ERR_CONNECT_TIMEOUT$/, 'connect-timeout'],
  [/CERT|^ERR_TLS_|^UNABLE_TO_VERIFY_|^HOSTNAME_MISMATCH$/, 'certificate'],
  [/^(?:EPROTO$|ERR_SSL_)/, 'handshake'],
  [/^(?:ERR_INVALID_(?:URL|CHAR)|ERR_UNSUPPORTED_PROTOCOL$)/, 'address'],
  [/^(?:UND_ERR_INVALID_ARG|ERR_INVALID_)/, 'invalid-request'],
  [/^UND_ERR_(?:DESTROYED|CLOSED)$/, 'closed'],
  [/^(?:ERR_CANCELED|ABORT_ERR)$/, 'aborted'],
];

/** Undefined for any other code: mostly a connection that broke while it was in use. */
export function faultKindOf(code: string): FaultKind | undefined {
  return KINDS.find(([codes]) => codes.test(code))?.[1];
}

/**
 * How a write ends whose answer never came (docs/safety.md, "The update loop"), where its code is all that is known:
 * after these the request cannot have reached the server.
 */
const OUTCOME_OF_KIND: Readonly<Partial<Record<FaultKind, Outcome>>> = {
  name: 'unavailable',
  refused: 'unavailable',
  route: 'unavailable',
  'connect-timeout': 'unavailable',
  certificate: 'unsupported',
  address: 'unsupported',
};

/** @param code error code of Node.js or its HTTP client, for example `ECONNRESET` */
export function outcomeOfFaultCode(code: string): Outcome {
  const kind = faultKindOf(code);
  return (kind && OUTCOME_OF_KIND[kind]) ?? 'uncertain';
}
