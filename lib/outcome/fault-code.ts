import type { Outcome } from './outcome';

/** Faults before the request could leave: no name, no route, no connection. */
const NOT_SENT: readonly string[] = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Faults that a repetition cannot change: the certificate, or an address that is none. */
const FATAL =
  /CERT|^ERR_TLS_|^UNABLE_TO_VERIFY_|^ERR_INVALID_(?:URL|CHAR)|^ERR_UNSUPPORTED_PROTOCOL$/;

/**
 * How a write ends whose answer never came (docs/safety.md, "The update loop").
 * @param code error code of Node.js or its HTTP client, for example `ECONNRESET`
 */
export function outcomeOfFaultCode(code: string): Outcome {
  if (NOT_SENT.includes(code)) return 'unavailable';
  return FATAL.test(code) ? 'unsupported' : 'uncertain';
}
