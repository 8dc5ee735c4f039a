import { expect, it } from 'vitest';
import type { Answer, Fault } from '../../../lib/outcome/answer';
import { parseJson } from '../../../lib/record/json';
import { Redaction, secretsIn } from '../../../lib/transport/redaction';

function withoutSecrets(answer: Answer, secretsOf: () => readonly string[]): Answer | Fault {
  return new Redaction().withoutSecrets(answer, secretsOf);
}

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

it('trap 15: CSRF token and cookies that an API repeats are masked, plain words in cookies are not', () => {
  const used = { 'x-csrf-token': 'tok==', cookie: 'sid=abc%3d123; lang=EN; u=client=100' };
  const text =
    '{"message":"tok== sid=abc%3d123 abc%3d123 lang=EN client=100 of the ENTITY is invalid"}';
  const masked = withoutSecrets(errorAnswer(text), () => secretsIn(used, { kind: 'none' }));
  const message = '••• ••• ••• ••• ••• of the ENTITY is invalid';
  expect(masked).toMatchObject({ text: `{"message":"${message}"}`, json: { message } });
});

it.each([
  ['as JSON writes it', 'pa"ss\\word', 'bad: pa\\"ss\\\\word'],
  ['as a URL writes it', 'a b/c+d=', 'bad: a%20b%2Fc%2Bd%3D'],
  ['as a form writes it', 'a b/c+d=', 'bad: a+b%2Fc%2Bd%3D'],
  ['in lower-case escapes', 'a b/c+d=', 'bad: a%20b%2fc%2bd%3d'],
  ['as encodeURIComponent writes it', `(it's)*~!`, `bad: (it's)*~!`],
  ['as a form writes marks', `(it's)*~!`, 'bad: %28it%27s%29*%7E%21'],
  ['in UTF-8', 'ä€𝄞', 'bad: %c3%a4%e2%82%ac%f0%9d%84%9e'],
  ['as it is', '.*+?^${}()|[]\\/-', 'bad: .*+?^${}()|[]\\/-'],
])('trap 15: a password that a page repeats %s is masked', (_name, password, text) => {
  const secrets = secretsIn({ authorization: 'Basic x' }, { kind: 'basic', user: 'u', password });
  const masked = withoutSecrets(errorAnswer(text), () => secrets);
  expect(masked).toMatchObject({ text: 'bad: •••' });
});

it.each([
  ['without its quotes', 'sid="abcdef"', 'bad: abcdef'],
  ['decoded', 'sid=abc%2Fdef%3D', 'bad: abc/def='],
  ['that begins with another', 'sid=abcdef; sid2=abcdefghi', 'bad: abcdefghi'],
  ['that cannot be decoded', 'sid=abc%zzdef', 'bad: abc%zzdef'],
])('trap 15: a cookie that an API repeats %s is masked', (_name, cookie, text) => {
  const masked = withoutSecrets(errorAnswer(text), () => secretsIn({ cookie }, { kind: 'none' }));
  expect(masked).toMatchObject({ text: 'bad: •••' });
});

it.each([200, 302])('trap 15: what a %i reports as a failure is masked', status => {
  const text = '{"success":false,"message":"bad: abc"}';
  const masked = withoutSecrets({ ...errorAnswer(text), status }, () => ['abc']);
  expect(masked).toMatchObject({ json: { message: 'bad: •••' } });
});

it('a successful answer is data of the record and stays as it is', () => {
  const answer = { ...errorAnswer('{"note":"abc"}'), status: 200 };
  expect(withoutSecrets(answer, () => ['abc'])).toBe(answer);
});

it('trap 15: the credentials of each answer are those that it is masked by', () => {
  const mask = new Redaction();
  const text = 'first second';
  const shown = ['first', 'first', 'second'].map(secret =>
    mask.withoutSecrets(errorAnswer(text), () => [secret]),
  );
  const texts = ['••• second', '••• second', 'first •••'];
  expect(shown).toMatchObject(texts.map(masked => ({ text: masked })));
});
