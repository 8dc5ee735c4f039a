import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer, Fault } from '../../../lib/outcome/answer';
import { MAX_NESTING } from '../../../lib/record/extent';
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

const KEY = 'K3y+/with=<"odd">&marks\\!';
const secretsOfKey = () => secretsIn({ 'x-api-key': KEY }, { kind: 'none' });

it.each([
  ['with named references of HTML', 'K3y+/with=&lt;&quot;odd&quot;&gt;&amp;marks\\!'],
  ['with decimal references', 'K3y&#43;&#47;with&#61;&#60;&#34;odd&#034;&#62;&#38;marks&#92;&#33;'],
  [
    'with hexadecimal references',
    'K3y&#x2B;&#x2f;with&#x3D;&#x3C;&#x22;odd&#X22;&#x3E;&#x26;marks&#x5C;!',
  ],
  ['escaped twice', 'K3y+/with=&amp;lt;&amp;quot;odd&amp;#34;&gt;&amp;amp;marks\\\\!'],
  ['in other case', 'k3Y+/WITH=<"ODD">&Marks\\!'],
  ['as JSON within JSON', String.raw`K3y+\\/with=\u003c\\\"odd\\\"\\u003E&marks\\\\\\\\!`],
  ['percent-encoded twice', 'K3y%252B%252Fwith%253D%253C%2522odd%2522%253E%2526marks%255C%2521'],
  ['in Base64', Buffer.from(KEY).toString('base64')],
  ['in Base64 without padding', Buffer.from(KEY).toString('base64').replace(/=+$/, '')],
  ['in Base64 for URLs', Buffer.from(KEY).toString('base64url')],
])('case U41: an API key that a page repeats %s is masked', (_name, text) => {
  const masked = withoutSecrets(errorAnswer(`<p>bad: ${text}</p>`), secretsOfKey);
  expect((masked as Answer).text).toMatch(/^<p>bad: •••=*<\/p>$/);
});

it.each([
  ['of the header without its padding', 'dTpzZWNyZXQtNDcxMQ'],
  ['of the password alone', 'c2VjcmV0LTQ3MTE='],
  ['of the password alone, without padding, in other case', 'C2VJCMV0LTQ3MTE'],
])('case U41: Base64 %s is masked', (_name, text) => {
  const password = 'secret-4711';
  const authorization = `Basic ${Buffer.from(`u:${password}`).toString('base64')}`;
  const secrets = secretsIn({ authorization }, { kind: 'basic', user: 'u', password });
  const masked = withoutSecrets(errorAnswer(`bad: ${text}.`), () => secrets) as Answer;
  expect(masked.text).toMatch(/^bad: •••=?\.$/);
});

it.each([
  ['a number', '4711081500', '{"key":4711081500,"of":1}', { key: '•••', of: 1 }],
  ['a number without leading zeros', '0047110815', '{"key":47110815}', { key: '•••' }],
  ['a rounded number', '12345678901234567890', '{"key":12345678901234567000}', { key: '•••' }],
  ['a number of many digits', '471108', '{"key":[1471108.5]}', { key: ['•••'] }],
  [
    'a number that holds it by chance',
    '471',
    '{"key":14710,"all":471}',
    { key: 14710, all: '•••' },
  ],
])('case U41: an API key that JSON repeats as %s is masked', (_name, key, text, json) => {
  const secrets = secretsIn({ 'x-api-key': key }, { kind: 'none' });
  expect(withoutSecrets(errorAnswer(text), () => secrets)).toMatchObject({ json });
});

it('case U41: whatever a password holds, it is masked in every spelling', () => {
  const escapes: ((char: string) => string)[] = [
    char => char,
    char => JSON.stringify(char).slice(1, -1),
    char => encodeURIComponent(char),
    char => `&#${String(char.codePointAt(0))};`,
    char => `&#x${(char.codePointAt(0) ?? 0).toString(16)};`,
  ];
  const char = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 });
  const mark = char.filter(one => !/[A-Za-z0-9]/.test(one));
  const mixed = fc.array(fc.tuple(fc.oneof(char, mark), fc.nat(4)), {
    minLength: 6,
    maxLength: 30,
  });
  fc.assert(
    fc.property(mixed, pairs => {
      const password = pairs.map(([one]) => one).join('');
      fc.pre(!password.includes('%'));
      const text = pairs
        .map(([one, how]) => (/[A-Za-z0-9]/.test(one) ? one : (escapes[how]?.(one) ?? one)))
        .join('');
      // Between letters, so that nothing around it can belong to it.
      const masked = withoutSecrets(errorAnswer(`bad: p${text}q`), () => [`p${password}q`]);
      expect(masked).toMatchObject({ text: 'bad: •••' });
    }),
  );
});

it('case U41: a mask is linear in what it looks through', () => {
  const cookies = Array.from(
    { length: 50 },
    (_value, index) => `c${index}=${'x/'.repeat(60)}${index}`,
  );
  const used = { cookie: cookies.join('; '), authorization: 'Bearer \\\\\\\\"<&' };
  const secrets = secretsIn(used, { kind: 'basic', user: 'u', password: '\\"\\"\\'.repeat(8) });
  const text = '\\"&amp;amp;#000%2525x/'.repeat(2_000);
  expect(withoutSecrets(errorAnswer(text), () => secrets)).toMatchObject({ status: 401 });
});

it('case U36: masking does not recurse, and keeps what makes an error an error', () => {
  const json: Record<string, unknown> = { code: '0x80060882', message: 'bad: abcdef' };
  let inner = json;
  for (let depth = 0; depth < MAX_NESTING + 1; depth++) {
    inner = inner.inner = JSON.parse('{"__proto__":"abcdef","list":[{"abcdef":1}]}') as typeof json;
  }
  const masked = withoutSecrets({ ...errorAnswer(''), json }, () => ['abcdef']) as Answer;
  expect(masked.json).toMatchObject({ code: '0x80060882', message: 'bad: •••' });
  expect(JSON.stringify(masked.json)).toBe(JSON.stringify(json).replaceAll('abcdef', '•••'));
});
