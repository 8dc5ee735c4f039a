import { describe, expect, it } from 'vitest';
import { parseWaits } from '../../../lib/retry/schedule';

describe('parseWaits', () => {
  it.each([
    ['0.5, 1.5, 4', [500, 1500, 4000]],
    ['1', [1000]],
    [' .25,0 ', [250, 0]],
    ['0.0004', [0]],
    ['2147483.647', [2 ** 31 - 1]],
  ])('%j is %j ms', (text, waits) => {
    expect(parseWaits(text)).toEqual(waits);
  });

  it.each(['', ' ', '1,', ',1', '1;2', '1 2', '-1', 'a', '1e3', '0x1', 'Infinity', '2147483.648'])(
    'refuses %j',
    text => {
      expect(() => parseWaits(text)).toThrow(
        expect.objectContaining({ name: 'InputError', code: 'RETRY_INVALID' }),
      );
    },
  );
});
