import { CanceledError } from 'axios';
import { describe, expect, it } from 'vitest';
import { abortedFault, FaultError, toFault } from '../../../lib/transport/fault';

function coded(code: string, message = 'x', cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

describe('toFault', () => {
  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
  ])('%s was not sent and may be repeated', code => {
    expect(toFault(coded(code))).toMatchObject({ sent: 'no', code, fatal: false });
  });

  it.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
  ])('%s was not sent and is fatal', code => {
    expect(toFault(coded(code))).toMatchObject({ sent: 'no', code, fatal: true });
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'])(
    '%s may have been sent',
    code => {
      expect(toFault(coded(code))).toMatchObject({ sent: 'maybe', code, fatal: false });
    },
  );

  it.each(['ERR_INVALID_URL', 'ERR_UNSUPPORTED_PROTOCOL', 'UND_ERR_INVALID_ARG'])(
    '%s is fatal',
    code => {
      expect(toFault(coded(code), false)).toMatchObject({ sent: 'no', code, fatal: true });
    },
  );

  it('knows better where the connection was never used, or was', () => {
    expect(toFault(coded('ECONNRESET'), false).sent).toBe('no');
    expect(toFault(coded('EHOSTUNREACH'), true).sent).toBe('maybe');
  });

  it('takes a client certificate refused after sending for not processed', () => {
    const fault = toFault(coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), true);
    expect(fault).toMatchObject({ sent: 'no', fatal: true });
  });

  it('takes a TLS error for a wrong setting only before the connection was used', () => {
    expect(toFault(coded('ERR_SSL_WRONG_VERSION_NUMBER'), false).fatal).toBe(true);
    expect(toFault(coded('ERR_SSL_BAD_RECORD'), true)).toMatchObject({
      sent: 'maybe',
      fatal: false,
    });
  });

  it('finds the code in causes and aggregates', () => {
    const nested = new TypeError('fetch failed', { cause: coded('ECONNREFUSED') });
    expect(toFault(nested).code).toBe('ECONNREFUSED');
    const both = new AggregateError([new Error('bare'), coded('ECONNREFUSED')]);
    expect(toFault(both).code).toBe('ECONNREFUSED');
    const wrapped = coded('UND_ERR_PRX_TLS', 'x', coded('CERT_HAS_EXPIRED'));
    expect(toFault(wrapped).code).toBe('CERT_HAS_EXPIRED');
  });

  it('survives a circular cause and things that are no errors', () => {
    const circular = new Error('a');
    circular.cause = circular;
    for (const thrown of [circular, 'text', undefined, null, { code: 'X' }]) {
      expect(toFault(thrown)).toMatchObject({ code: 'NETWORK', sent: 'maybe' });
    }
  });

  it('names an abort by one code', () => {
    expect(toFault(new DOMException('x', 'AbortError')).code).toBe('ABORTED');
    expect(toFault(new CanceledError('x')).code).toBe('ABORTED');
    expect(abortedFault(true)).toMatchObject({ code: 'ABORTED', sent: 'maybe', fatal: false });
  });

  it('tells a proxy that refuses us from one in trouble', () => {
    const refusal = (status: number) =>
      toFault(coded('UND_ERR_ABORTED', `Proxy response (${status}) !== 200 when HTTP Tunneling`));
    expect(refusal(407)).toMatchObject({ code: 'PROXY_REFUSED', sent: 'no', fatal: true });
    expect(refusal(503)).toMatchObject({ code: 'PROXY_REFUSED', sent: 'no', fatal: false });
  });

  it('trap 15: passes on nothing of the text of an error', () => {
    const fault = toFault(coded('ECONNRESET', 'GET /?sig=s3cret', coded('s3cret', 's3cret')));
    expect(JSON.stringify(fault)).not.toContain('s3cret');
  });

  it('unwraps its own error', () => {
    const fault = abortedFault(false);
    expect(toFault(new FaultError(fault))).toBe(fault);
  });
});
