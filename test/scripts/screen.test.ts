import { describe, expect, it } from 'vitest';
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { screen } from '../../scripts/lib/screen.mjs';

const PLACE = {
  url: 'http://127.0.0.1:1880',
  version: '4.1.15',
  sandboxUrl: 'http://127.0.0.1:65535',
  wantedPort: 1880,
};
const ELSEWHERE = { ...PLACE, url: 'http://127.0.0.1:65534' };

describe.each([
  ['the usual port', PLACE],
  ['another port', ELSEWHERE],
])('the screen of npm start on %s', (_name, place) => {
  const lines = screen(place);

  it('fits a terminal of 80 × 24, with a row per example and the cursor', () => {
    expect(lines.filter(line => line.length > 80)).toEqual([]);
    expect(lines.length + loadExamples().length + 1).toBeLessThanOrEqual(24);
  });

  it('names the address and how to end it', () => {
    const text = lines.join('\n');
    expect(text).toContain(`${place.url}/`);
    expect(text).toContain('Ctrl+C');
  });
});

it('says that the usual port is in use when it is', () => {
  expect(screen(ELSEWHERE).join('\n')).toContain('Port 1880 is in use');
  expect(screen(PLACE).join('\n')).not.toContain('in use');
});
