import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below all from which systems choose by themselves (Linux from 32,768): no connection takes one before its program does. */
const FIRST = 12_000;
/** Each process has some of its own, so that two do not find the same one free. */
const PER_PROCESS = 100;
const PROCESSES = 200;

const own = FIRST + (process.pid % PROCESSES) * PER_PROCESS;
let asked = 0;

/**
 * A port for a program that cannot choose one itself, or that must have the same one when it is started again.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let tries = 0; tries < PER_PROCESS; tries++) {
    const port = own + (asked++ % PER_PROCESS);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of the ports from ${own} on is free`);
}

/** @param {number} port @returns {Promise<boolean>} */
async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
