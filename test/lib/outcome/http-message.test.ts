import { describe, expect, it } from 'vitest';
import { MAX_NESTING } from '../../../lib/record/extent';
import { outcomeOfHttpMessage, type HttpMessage } from '../../../lib/outcome/http-message';

const NOW = Date.parse('2026-02-08T10:00:00Z');
const outcomeOf = (message: HttpMessage) => outcomeOfHttpMessage(message, NOW);

describe('outcomeOfHttpMessage', () => {
  it.each<[string, HttpMessage, string, string?]>([
    ['JSON', { statusCode: 200, payload: { id: 1 } }, 'updated'],
    ['JSON as text', { statusCode: 200, payload: '{"id":1}' }, 'updated'],
    ['JSON in a buffer', { statusCode: 200, payload: Buffer.from('{"id":1}') }, 'updated'],
    ['204 as the node delivers it', { statusCode: 204, payload: '{}' }, 'updated'],
    ['a created record', { statusCode: 201, payload: { id: 1 } }, 'updated'],
    ['304', { statusCode: 304 }, 'unchanged'],
    ['202', { statusCode: 202, payload: {} }, 'uncertain', 'PENDING'],
    [
      'an HTML page',
      { statusCode: 200, headers: { 'content-type': 'text/html' }, payload: '<p>Sign in</p>' },
      'uncertain',
      'HTML_ANSWER',
    ],
    ['truncated JSON', { statusCode: 200, payload: '{"id":' }, 'uncertain', 'BODY_UNREADABLE'],
    [
      'a reported failure',
      { statusCode: 200, payload: { success: false, message: 'Wrong status' } },
      'uncertain',
      'FAILURE_REPORTED',
    ],
    ['a reported success', { statusCode: 200, payload: { success: true, error: null } }, 'updated'],
    ['one status for each part', { statusCode: 207, payload: {} }, 'uncertain', 'MULTI_STATUS'],
    [
      'a missing Idempotency-Key',
      { statusCode: 400, payload: { title: 'Idempotency-Key is missing' } },
      'rejected',
      'IDEMPOTENCY_KEY_MISSING',
    ],
    [
      'a followed redirect',
      { statusCode: 200, payload: {}, redirectList: [{ location: '/home' }] },
      'uncertain',
      'REDIRECTED',
    ],
    ['no redirect', { statusCode: 200, payload: {}, redirectList: [] }, 'updated'],
    ['a redirect', { statusCode: 302, headers: {} }, 'unsupported', 'REDIRECT'],
    ['400', { statusCode: 400 }, 'rejected', 'VALIDATION'],
    ['422', { statusCode: 422 }, 'rejected', 'VALIDATION'],
    ['401', { statusCode: 401 }, 'denied', 'AUTH'],
    ['403', { statusCode: 403 }, 'denied', 'FORBIDDEN'],
    ['404', { statusCode: 404 }, 'not-found', 'NOT_FOUND'],
    ['410', { statusCode: 410 }, 'not-found', 'NOT_FOUND'],
    ['405', { statusCode: 405 }, 'unsupported', 'METHOD_NOT_ALLOWED'],
    ['423', { statusCode: 423 }, 'unavailable', 'RECORD_LOCKED'],
    ['428', { statusCode: 428 }, 'unsupported', 'PRECONDITION_REQUIRED'],
    ...[408, 500, 502, 503, 504].map(
      statusCode => [`${statusCode}`, { statusCode }, 'uncertain', 'TRANSIENT'] as never,
    ),
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'].map(
      statusCode => [statusCode, { statusCode }, 'unavailable', statusCode] as never,
    ),
    ...[
      'ECONNRESET',
      'ETIMEDOUT',
      'ESOCKETTIMEDOUT',
      'EPIPE',
      'UND_ERR_CLOSED',
      'ERR_INVALID_ARG_TYPE',
    ].map(statusCode => [statusCode, { statusCode }, 'uncertain', statusCode] as never),
    ...[
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'HOSTNAME_MISMATCH',
      'ERR_INVALID_URL',
      'ERR_UNSUPPORTED_PROTOCOL',
    ].map(statusCode => [statusCode, { statusCode }, 'unsupported', statusCode] as never),
  ])('takes %s', (_name, message, outcome, code) => {
    const result = outcomeOf(message);
    expect(result).toMatchObject({ outcome, verified: false });
    expect(result?.error?.code).toBe(code);
  });

  it.each([409, 412])('never retries %i: nothing was compared', statusCode => {
    const payload = { error: { code: '0x80060882', message: 'The version does not match' } };
    expect(outcomeOf({ statusCode, payload })).toMatchObject({
      outcome: 'conflict',
      verified: false,
      error: { code: 'NOT_COMPARED', apiCode: '0x80060882' },
    });
  });

  it.each([
    'The request is still being processed',
    'You are not authorized to change this order',
    'Duplicate key',
  ])('never takes a 409 for more than not compared (%s)', message => {
    expect(outcomeOf({ statusCode: 409, payload: { message } })).toMatchObject({
      outcome: 'conflict',
      error: { code: 'NOT_COMPARED' },
    });
  });

  it('passes on the time that the server named', () => {
    const notBefore = '2026-02-08T10:00:30.000Z';
    const headers = { 'retry-after': '30' };
    expect(outcomeOf({ statusCode: 429, headers })).toMatchObject({
      outcome: 'retry',
      cause: 'throttled',
      notBefore,
    });
    // A gateway may have passed the write on before it answered 503.
    expect(outcomeOf({ statusCode: 503, headers })).toMatchObject({
      outcome: 'uncertain',
      notBefore,
    });
  });

  it('names no time when the server named none', () => {
    const result = outcomeOf({ statusCode: 429, headers: { 'retry-after': '-5' } });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'throttled' });
    expect(result).not.toHaveProperty('notBefore');
  });

  it.each([undefined, null, '', 'Complete', '409', {}])('leaves %j alone', statusCode => {
    expect(outcomeOf({ statusCode })).toBeUndefined();
  });

  it('does not repeat the URL that the node puts into the payload of a fault', () => {
    const payload = 'RequestError: connect ECONNREFUSED : http://api.example/?token=secret';
    const result = outcomeOf({ statusCode: 'ECONNREFUSED', payload });
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it.each(['object', 'text'])('case U36: what is nested too deep is no readable body: %s', kind => {
    let body: unknown = 'x';
    for (let level = 0; level <= MAX_NESTING; level++) body = [body];
    const payload = kind === 'text' ? JSON.stringify(body) : body;
    expect(outcomeOf({ statusCode: 200, payload })).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'BODY_UNREADABLE' },
    });
  });
});
