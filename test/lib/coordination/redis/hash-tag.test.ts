import { describe, expect, it } from 'vitest';
import { hashTagOf, prefixBeside, taggedPrefix } from '../../../../lib/coordination/redis/hash-tag';

describe('what decides where a key lies', () => {
  // Examples of the Redis Cluster specification.
  it.each([
    ['{user1000}.following', 'user1000'],
    ['foo{}{bar}', undefined],
    ['foo{{bar}}zap', '{bar'],
    ['foo{bar}{zap}', 'bar'],
    ['foo', undefined],
    ['a}b{c', undefined],
  ])('of %s is %s', (key, tag) => {
    expect(hashTagOf(key)).toBe(tag);
  });
});

describe('the prefix of a store in a cluster', () => {
  it.each([
    ['ru:', '{ru:}'],
    ['{plant}:ru:', '{plant}:ru:'],
    ['a{b', '{a{b}'],
    ['a}b', '{a}b}'],
    ['{}a', '{{}a}'],
  ])('%s becomes %s', (prefix, tagged) => {
    expect(taggedPrefix(prefix)).toBe(tagged);
    expect(hashTagOf(tagged)).toBeTruthy();
  });

  it('that cannot have a tag is an error that names the field', () => {
    const refused = { code: 'STORE_PREFIX_INVALID', message: expect.stringMatching(/^Key prefix/) };
    expect(() => taggedPrefix('}ru:')).toThrow(expect.objectContaining(refused));
  });
});

describe('the names of helper keys', () => {
  it.each([
    ['without a tag in the prefix begin with that alone', 'LOCK:1', 'ru:', 'ru:'],
    ["of the store's own keys begin with the prefix", '{ru:}lock:1', '{ru:}', '{ru:}'],
    ['lie where a key of others does', 'LOCK:1', '{ru:}', '{LOCK:1}{ru:}'],
    ['follow the tag of such a key', 'LOCK:{1}', '{ru:}', '{1}{ru:}'],
    ['follow one whose brace is not closed', 'LOCK:{1', '{ru:}', '{LOCK:{1}{ru:}'],
    ['of a key that cannot be a tag have another one of its slot', '{}', '{ru:}', undefined],
  ])('%s', (_, key, prefix, begin) => {
    const names = prefixBeside(key, prefix);
    if (begin !== undefined) expect(names).toBe(begin);
    else expect(names).toMatch(/^\{[0-9a-z]+\}\{ru:\}$/);
  });
});
