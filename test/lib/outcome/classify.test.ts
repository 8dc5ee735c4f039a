import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import { classify } from '../../../lib/outcome/classify';
import type { ApiError, Row, Sent } from '../../../lib/outcome/row';

// What the rows themselves say: table/meaning.test.ts.
const PATCH: Sent = { method: 'PATCH', precondition: 'version' };

describe('classify', () => {
  it('names the sign-in when a redirect leads to a sign-in page', () => {
    const headers = { location: 'https://login.example.com/common/oauth2/authorize' };
    expect(classify(answer({ status: 302, headers }), PATCH, {}, []).fix).toContain('sign-in');
    expect(classify(answer({ status: 302 }), PATCH, {}, []).fix).not.toContain('sign-in');
  });

  it('asks the rows of the family before the common ones', () => {
    const rows: Row[] = [
      { row: 12, apiCode: ['0xABC'], class: 'duplicate' },
      { row: 39, status: [422], text: /transition/, class: 'undetermined' },
    ];
    expect(classify(answer({ status: 412 }), PATCH, { code: '0xabc' }, rows).class).toBe(
      'duplicate',
    );
    expect(classify(answer({ status: 412 }), PATCH, { code: '' }, rows).class).toBe(
      'version-conflict',
    );
    expect(classify(answer({ status: 422, text: 'transition' }), PATCH, {}, rows).class).toBe(
      'undetermined',
    );
  });

  it('asks the rows about repeated requests before those of the family', () => {
    const rows: Row[] = [{ row: 27, status: [409], class: 'state-conflict' }];
    const error = { code: 'idempotency_key_in_use' };
    const keyed: Sent = { ...PATCH, idempotencyKey: true };
    expect(classify(answer({ status: 409 }), keyed, error, rows).class).toBe('in-progress');
    expect(classify(answer({ status: 409 }), PATCH, error, rows).class).toBe('state-conflict');
  });

  it('finds words in code and message, or else in the body', () => {
    const rows: Row[] = [{ row: 28, words: /locked out/, class: 'forbidden' }];
    const text = 'locked out';
    const meaning = (error: ApiError) =>
      classify(answer({ status: 400, text }), PATCH, error, rows);
    expect(meaning({}).class).toBe('forbidden');
    expect(meaning({ code: 'locked out', message: 'No' }).class).toBe('forbidden');
    expect(meaning({ code: 'E1', message: 'locked out' }).class).toBe('forbidden');
    expect(meaning({ code: 'E1' }).class).toBe('validation');
  });

  it('leaves nothing in doubt after a read', () => {
    const read: Sent = { method: 'GET', precondition: 'none' };
    expect(classify(answer({ status: 500 }), PATCH, {}, []).ambiguous).toBe(true);
    expect(classify(answer({ status: 500 }), read, {}, []).ambiguous).toBeUndefined();
  });

  it('does not search the values of a record for texts when the API gave a message', () => {
    const text = '{"error":{"message":"Name is too long"},"comment":"locked by Miller"}';
    const error = { message: 'Name is too long' };
    expect(classify(answer({ status: 400, text }), PATCH, error, []).class).toBe('validation');
  });
});

function answer({
  status,
  headers = {},
  text = '',
}: {
  status: number;
  headers?: Record<string, string>;
  text?: string;
}): Answer {
  return { kind: 'answer', status, headers, text, json: parsed(text), roundTripMs: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
