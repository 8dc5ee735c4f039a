import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../../../lib/transport/session/session';

const NOW = Date.UTC(2026, 1, 8);

function headerAfter(...setCookies: string[]): string | undefined {
  const jar = new CookieJar();
  jar.store(setCookies, NOW);
  return jar.header;
}

it.each([
  ['keeps values byte for byte', ['a=x%3d"y"=z; path=/; secure'], 'a=x%3d"y"=z'],
  ['replaces by name, whatever the path', ['a=1; path=/x', 'b=2', 'a=3; path=/y'], 'a=3; b=2'],
  ['drops what Max-Age deletes', ['a=1', 'b=2', 'a=; Max-Age=0'], 'b=2'],
  ['drops what has expired', ['a=1', 'a=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
  ['keeps what expires later', ['a=1; expires=Mon, 09 Feb 2026 00:00:00 GMT'], 'a=1'],
  ['lets Max-Age win', ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60'], 'a=1'],
  ['ignores a date that is none', ['a=1; Expires=soon'], 'a=1'],
  ['ignores control characters and cookies without a name', ['a=1\r\nx: y', '=2', 'c'], undefined],
  ['knows no special names', ['__proto__=1', 'constructor=2'], '__proto__=1; constructor=2'],
])('%s', (_what, setCookies, header) => {
  expect(headerAfter(...setCookies)).toBe(header);
});

it('holds the last value of every name', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc.stringMatching(/^[\w%=-]{1,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), pairs => {
      const header = headerAfter(...pairs.map(([key, text]) => `${key}=${text}; HttpOnly`));
      const expected = Array.from(new Map(pairs), ([key, text]) => `${key}=${text}`).join('; ');
      expect(header ?? '').toBe(expected);
    }),
  );
});

describe('case U39: the jar is bounded', () => {
  it('where every answer sets one more cookie, and keeps those that the session began with', () => {
    const jar = new CookieJar();
    jar.store(['sid=1; path=/', 'user=2'], NOW);
    for (let count = 0; count < 500; count++) jar.store([`tracking-${count}=${count}`], NOW);
    const names = (jar.header ?? '').split('; ').map(pair => pair.split('=')[0]);
    expect(names).toHaveLength(50);
    expect(names.slice(0, 3)).toEqual(['sid', 'user', 'tracking-452']);
    jar.store(['sid=renewed'], NOW);
    expect(jar.header).toMatch(/^sid=renewed; user=2; /);
  });

  it('in the length of its header, and in that of one cookie', () => {
    const jar = new CookieJar();
    jar.store(['sid=1'], NOW);
    for (let count = 0; count < 9; count++) jar.store([`c${count}=${'x'.repeat(2000)}`], NOW);
    expect(jar.header?.length).toBeLessThanOrEqual(12_288);
    expect(jar.header).toMatch(/^sid=1; c3=/);
    jar.store([`huge=${'x'.repeat(4096)}`], NOW);
    expect(jar.header).not.toContain('huge');
  });

  it('already in the first answer', () => {
    const many = Array.from({ length: 80 }, (_value, index) => `c${index}=1`);
    expect(headerAfter(...many)?.split('; ')).toEqual(many.slice(0, 50));
  });
});
