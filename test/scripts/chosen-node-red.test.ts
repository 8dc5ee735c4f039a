import { expect, it } from 'vitest';
import { takesNewest } from '../../scripts/lib/chosen-node-red.mjs';

it.each(['22.9.0', '22.21.1', '24.0.0'])('Node.js %s gets the newest line of Node-RED', version => {
  expect(takesNewest(version)).toBe(true);
});

it.each(['20.19.0', '20.20.2', '22.8.1'])('Node.js %s gets the one before', version => {
  expect(takesNewest(version)).toBe(false);
});
