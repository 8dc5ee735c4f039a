import { expect, it } from 'vitest';
import { nodeFault, ownNodeFault } from '../../scripts/lib/node-version.mjs';

it.each(['20.19.0', '20.20.2', '22.9.0', '24.0.0'])('takes Node.js %s', version => {
  expect(nodeFault(version, '>=20.19')).toBe('');
});

it.each(['14.21.3', '18.20.8', '20.18.3'])('tells Node.js %s what is needed', version => {
  expect(nodeFault(version, '>=20.19')).toMatch(
    new RegExp(`^Node\\.js ${version} is too old: Node\\.js 20\\.19 or newer is needed\\.`),
  );
});

it('takes the Node.js that runs the tests', () => {
  expect(ownNodeFault()).toBe('');
});
