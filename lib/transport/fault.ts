import type { Fault } from '../outcome/answer';
import { faultKindOf, type FaultKind } from '../outcome/fault-code';

/** A fault under way to the caller, where the interface is a rejected promise. */
export class FaultError extends Error {
  readonly code: string;

  constructor(readonly fault: Fault) {
    super(fault.message);
    this.name = 'FaultError';
    this.code = fault.code;
  }
}

/** What a code means. `sent` where nothing can have reached the server. */
interface Meaning {
  /** Our own code in place of the one that came. */
  readonly code?: string;
  readonly sent?: 'no';
  readonly fatal?: true;
  readonly message: string;
}

const INVALID: Meaning = {
  fatal: true,
  message: 'The request is not valid HTTP and was not sent.',
};

const MEANINGS: Readonly<Record<FaultKind, Meaning>> = {
  name: {
    sent: 'no',
    message: 'The host name could not be resolved. Check the URL and the network.',
  },
  refused: {
    sent: 'no',
    message: 'The server refused the connection. Check host and port, and whether it is running.',
  },
  route: { sent: 'no', message: 'There is no route to the server. Check the network.' },
  'connect-timeout': { sent: 'no', message: 'The connection could not be made in time.' },
  certificate: {
    sent: 'no',
    fatal: true,
    message: 'The TLS certificate was not accepted. Check the TLS settings.',
  },
  handshake: {
    message:
      'The secure connection failed. Check that the URL and the TLS settings fit the server.',
  },
  address: INVALID,
  'invalid-request': INVALID,
  closed: { code: 'CLOSED', fatal: true, message: 'The endpoint was closed.' },
  aborted: { code: 'ABORTED', message: 'The request was stopped.' },
};

const BROKEN = 'The connection broke before the answer was complete.';
const PROXY_ANSWER = /^Proxy response \((\d{3})\)/;
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

/**
 * Any thrown thing as a fault in our own words: no text of the error goes on, so no secret can.
 * @param started whether the connection had been used for this request; undefined when unknown
 */
export function toFault(thrown: unknown, started?: boolean): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const errors = chain(thrown);
  return proxyFault(errors) ?? faultOfCode(tellingCode(errors), started);
}

export function abortedFault(started: boolean): Fault {
  return faultOfCode('ERR_CANCELED', started);
}

/** @param event what did not happen in time, as the end of a sentence */
export function deadlineFault(event: string): Fault {
  const message = `The time for this update was over before ${event}.`;
  return { kind: 'fault', sent: 'no', code: 'DEADLINE', message, fatal: false };
}

/** The API takes no request of this credential until after the time that is left. */
export function throttledFault(heldForMs: number): Fault {
  const retryAfterMs = Math.ceil(heldForMs);
  const seconds = Math.ceil(heldForMs / 1000);
  const message = `The API throttles this credential for another ${String(seconds)} s, which is longer than this update may take.`;
  return { kind: 'fault', sent: 'no', code: 'THROTTLED', message, fatal: false, retryAfterMs };
}

/** No place was free within the time that an update may wait for its first one. */
export function queueTimeoutFault(waitedMs: number): Fault {
  const message = `The parallel requests of this credential were taken for ${String(Math.round(waitedMs / 1000))} s by updates that came before. Allow a longer wait in the endpoint, or send fewer updates at once.`;
  return { kind: 'fault', sent: 'no', code: 'QUEUE_TIMEOUT', message, fatal: false };
}

function faultOfCode(found: string, started: boolean | undefined): Fault {
  const kind = faultKindOf(found);
  const meaning = kind && MEANINGS[kind];
  const code = meaning?.code ?? found;
  const own = meaning?.code !== undefined;
  // A failing handshake can only be a setting; a TLS error on a connection in use is a broken connection.
  const fatal = meaning?.fatal ?? (started === false && kind === 'handshake');
  const message = meaning?.message ?? BROKEN;
  const sent = sentOf(meaning, started);
  return { kind: 'fault', sent, code, message: own ? message : `${message} (${code})`, fatal };
}

/** TLS 1.3 lets a client send before the server has judged its certificate, so a refusal proves more than our own view. */
function sentOf(meaning: Meaning | undefined, started: boolean | undefined): Fault['sent'] {
  if (started === undefined || meaning?.fatal)
    return meaning?.sent ?? (started === false ? 'no' : 'maybe');
  return started ? 'maybe' : 'no';
}

/** A tunnel that the proxy did not open. A 4xx is its configuration; a 5xx may pass. */
function proxyFault(errors: readonly Error[]): Fault | undefined {
  for (const error of errors) {
    const status = PROXY_ANSWER.exec(error.message)?.[1];
    if (status === undefined) continue;
    const message = `The proxy refused the connection with status ${status}. Check the proxy settings.`;
    const fatal = status.startsWith('4');
    return { kind: 'fault', sent: 'no', code: 'PROXY_REFUSED', message, fatal };
  }
  return undefined;
}

/** The first code with a known meaning, since wrappers hide the one that tells; else the first of all. */
function tellingCode(errors: readonly Error[]): string {
  const codes = errors.map(codeOf).filter(code => code !== undefined);
  return codes.find(code => faultKindOf(code) !== undefined) ?? codes[0] ?? 'NETWORK';
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && CODE.test(code)) return code;
  return error.name === 'AbortError' ? 'ABORT_ERR' : undefined;
}

/** The error, its causes and the members of an AggregateError, outermost first. */
function chain(thrown: unknown, seen = new Set<Error>()): Error[] {
  if (!(thrown instanceof Error) || seen.has(thrown)) return [];
  seen.add(thrown);
  const inner = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [];
  return [thrown, ...[thrown.cause, ...inner].flatMap(error => chain(error, seen))];
}
