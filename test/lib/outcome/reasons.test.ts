// The API's own reason, in the shapes in which products give it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFamily } from '../../../lib/api/families';
import { FAMILY_IDS } from '../../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import type { Answer } from '../../../lib/outcome/answer';
import { apiErrorOf } from '../../../lib/outcome/api-error';
import { describeVerdict } from '../../../lib/outcome/ending';
import { classify } from '../../../lib/outcome/classify';
import { parseJson } from '../../../lib/record/json';

const MISSING = 'Required fields are missing: [Reason]';

/** Shape, body, message and code. */
const SHAPES: [shape: string, body: string, message: string, code?: string][] = [
  [
    'a list of errors',
    JSON.stringify([{ errorCode: 'REQUIRED_FIELD_MISSING', message: MISSING, fields: ['Reason'] }]),
    MISSING,
    'REQUIRED_FIELD_MISSING',
  ],
  [
    'errorMessages',
    '{"errorMessages":["Resolution is required"],"errors":{}}',
    'Resolution is required',
  ],
  [
    'a map of errors',
    '{"errorMessages":[],"errors":{"resolution":"is required","due":"is no date"}}',
    'resolution: is required; due: is no date',
  ],
  [
    'lists in a map of errors',
    '{"title":"Not valid.","errors":{"Name":["is too long","is taken"]}}',
    'Not valid. Name: is too long, is taken',
  ],
  [
    'objects in a map of errors',
    '{"errors":{"email":{"message":"is no address","kind":"user"}}}',
    'email: is no address',
  ],
  ['a list of texts', '{"errors":["Name is missing"]}', 'Name is missing'],
  ['messages', '{"message":["name must be shorter"]}', 'name must be shorter'],
  [
    'Error',
    '{"Error":{"reasonCode":"BMXAA4129E","message":"No such order","statusCode":"400"}}',
    'No such order',
    'BMXAA4129E',
  ],
  [
    'ErrorMessage',
    '{"HttpStatus":400,"ErrorMessage":"Invalid part","ErrorType":"Ice.BLException"}',
    'Invalid part',
    'Ice.BLException',
  ],
  [
    'OAuth',
    '{"error":"invalid_request","error_description":"The scope is unknown"}',
    'The scope is unknown',
    'invalid_request',
  ],
  [
    'problem details',
    '{"type":"https://api.example/p","title":"No credit","detail":"Balance is 30","status":400}',
    'No credit: Balance is 30',
    'https://api.example/p',
  ],
  [
    'a reason beside the status',
    '{"error":{"code":400,"message":"Bad field","errors":[{"reason":"invalidField"}]}}',
    'Bad field',
    'invalidField',
  ],
  ['a nested error', '{"response":{"result":{"errorText":"Locked period"}}}', 'Locked period'],
  [
    'an operation outcome of FHIR',
    '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"Status is not allowed"}]}',
    'Status is not allowed',
    'invalid',
  ],
  [
    'a summary with causes',
    '{"errorCode":"E0000001","errorSummary":"Validation failed","errorCauses":[{"errorSummary":"qty: too small"}]}',
    'Validation failed: qty: too small',
    'E0000001',
  ],
  [
    'XML',
    '<?xml version="1.0"?><error xmlns="x"><code>SY/530</code><message xml:lang="en">Amount &lt; 0</message></error>',
    'Amount < 0',
    'SY/530',
  ],
  [
    'SOAP',
    '<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring><![CDATA[No <order>]]></faultstring></s:Fault></s:Body></s:Envelope>',
    'No <order>',
    's:Client',
  ],
  [
    'plain text',
    'Attribute StatusCode is not updatable.',
    'Attribute StatusCode is not updatable.',
  ],
];

describe('case 1: the reason of a refusal', () => {
  for (const family of FAMILY_IDS) {
    it.each(SHAPES)(`case 1: ${family} reads %s`, (_shape, text, message, code) => {
      const refused = answer(400, text);
      const api = createFamily(family, DEFAULT_API_SETTINGS).errorOf(refused);
      expect(api).toEqual({ message, ...(code === undefined ? {} : { code }) });
    });
  }

  it('case 1: is the message of the update, its code the apiCode', () => {
    const text = JSON.stringify([{ errorCode: 'REQUIRED_FIELD_MISSING', message: MISSING }]);
    const error = described(answer(400, text));
    expect(error.message).toBe(`HTTP 400: ${MISSING}`);
    expect(error.apiCode).toBe('REQUIRED_FIELD_MISSING');
  });

  it('case 1: comes with a 401 too, from the challenge where the body is empty', () => {
    expect(described(answer(401, '{"Error":"Key expired"}')).message).toBe('HTTP 401: Key expired');
    const challenge = 'Bearer realm="x", error="invalid_token", error_description="Expired"';
    const error = described(answer(401, '', { 'www-authenticate': challenge }));
    expect(error).toMatchObject({ message: 'HTTP 401: Expired', apiCode: 'invalid_token' });
  });

  it('case U18: odata.error is read like error', () => {
    const body = {
      'odata.error': {
        code: 'UpdateConditionNotSatisfied',
        message: { lang: 'en-US', value: 'The update condition was not satisfied.' },
      },
    };
    for (const family of FAMILY_IDS) {
      const api = createFamily(family, DEFAULT_API_SETTINGS).errorOf(
        answer(412, JSON.stringify(body)),
      );
      expect(api).toEqual({
        code: 'UpdateConditionNotSatisfied',
        message: 'The update condition was not satisfied.',
      });
    }
  });
});

describe('a body that names no reason', () => {
  it.each([
    ['JSON', '{"status":"Shipped","qty":3}', '{"status":"Shipped","qty":3}'],
    ['cut JSON', '{"message":"No', '{"message":"No'],
    [
      'a page',
      '<!doctype html><title>Oops</title><style>p{}</style><p>Nothing &amp; nobody</p>',
      'Oops Nothing & nobody',
    ],
    ['XML', '<answer><a>7</a></answer>', '7'],
    ['XML of attributes', '<error code="C9" text="Closed"/>', '<error code="C9" text="Closed"/>'],
  ])('shows an excerpt of %s', (_what, text, excerpt) => {
    expect(apiErrorOf(answer(400, text))).toEqual({ excerpt });
    expect(described(answer(400, text)).message).toBe(`HTTP 400: ${excerpt}`);
  });

  it.each(['', '  ', '{}', '[]', 'null', '<a/>'])('shows nothing of %j', text => {
    expect(apiErrorOf(answer(400, text)).message).toBeUndefined();
  });

  it('is cut', () => {
    const { excerpt } = apiErrorOf(answer(400, JSON.stringify({ a: 'x'.repeat(5000) })));
    expect(excerpt).toHaveLength(301);
  });

  it('decides nothing: the whole body does', () => {
    const text = JSON.stringify({ a: 'x'.repeat(500), b: 'is locked by user MILLER' });
    const refused = answer(400, text);
    const verdict = classify(refused, SENT, apiErrorOf(refused), []);
    expect(verdict.code).toBe('RECORD_LOCKED');
  });
});

describe('what a server shows of secrets', () => {
  it.each([
    ['{"a":"Authorization: Bearer abc123def456"}', 'abc123def456'],
    ['{"message":"Token eyJhbGciOi.eyJzdWIiOiIx.c2ln is expired"}', 'eyJzdWIiOiIx'],
    ['{"message":"password=Secret99 is wrong"}', 'Secret99'],
    ['{"x":{"client_secret":"top secret"}}', 'top secret'],
    ['{"detail":"GET https://user:pa55word@db.example failed"}', 'pa55word'],
    ['<p>Cookie: SESSION=a1b2c3d4</p>', 'a1b2c3d4'],
  ])('masks %s', (text, secret) => {
    const said = described(answer(500, text)).message;
    expect(said).toContain('•••');
    expect(said).not.toContain(secret);
  });

  it.each(['Basic authentication is required', 'password: is missing', 'Token expired'])(
    'leaves %j as it is',
    message => {
      expect(apiErrorOf(answer(401, JSON.stringify({ message }))).message).toBe(message);
    },
  );
});

describe('hostile bodies', () => {
  const BOUND = 1100;

  it('are read within bounds, whatever they hold', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 400, max: 599 }), (text, status) => {
        const { code = '', message = '', excerpt = '' } = apiErrorOf(answer(status, text));
        expect(Math.max(code.length, message.length, excerpt.length)).toBeLessThan(BOUND);
      }),
    );
  });

  it.each([
    ['deep', `${'{"error":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['wide', JSON.stringify({ errors: Object.fromEntries(numbers(50_000, n => [n, 'x'])) })],
    ['long', JSON.stringify({ errors: numbers(50_000, n => ({ message: `m${n}` })) })],
    ['marks', '<'.repeat(300_000)],
    ['open elements', '<message '.repeat(30_000)],
    ['open comments', '<!--'.repeat(80_000)],
    ['quotes', `password="${'a'.repeat(300_000)}`],
  ])('%s ones too', (_what, text) => {
    const { message = '', excerpt = '' } = apiErrorOf(answer(400, text));
    expect(Math.max(message.length, excerpt.length)).toBeLessThan(BOUND);
  });
});

const SENT = { method: 'PATCH', precondition: 'version' } as const;

function numbers<T>(count: number, of: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => of(n));
}

function described(refused: Answer) {
  const api = apiErrorOf(refused);
  return describeVerdict(classify(refused, SENT, api, []), api, refused.status);
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { kind: 'answer', status, headers, text, json: parseJson(text), roundTripMs: 1 };
}
