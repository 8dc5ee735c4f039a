import { expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import { parseJson } from '../../../lib/record/json';
import { secretsIn, withoutSecrets } from '../../../lib/transport/echo';

function errorAnswer(text: string): Answer {
  return { kind: 'answer', status: 401, headers: {}, text, json: parseJson(text), roundTripMs: 1 };
}

it.each([
  ['quotes and backslashes', 'pa"ss\\word', '{"message":"bad: pa\\"ss\\\\word"}'],
  ['an escaped slash', 'abc/def', '{"message":"bad: abc\\/def"}'],
  ['a Unicode escape', 'a<b', '{"message":"bad: a\\u003cb"}'],
  ['a property name', 'secret-name', '{"secret-name":"bad"}'],
])('trap 15: a password that an API repeats with %s is masked', (_name, password, text) => {
  const secrets = secretsIn({ authorization: 'Basic x' }, { kind: 'basic', user: 'u', password });
  const masked = withoutSecrets(errorAnswer(text), () => secrets);
  expect(JSON.stringify((masked as Answer).json)).not.toContain(
    JSON.stringify(password).slice(1, -1),
  );
});

it('a successful answer is data of the record and stays as it is', () => {
  const answer = { ...errorAnswer('{"note":"abc"}'), status: 200 };
  expect(withoutSecrets(answer, () => ['abc'])).toBe(answer);
});
