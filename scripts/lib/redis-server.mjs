// A redis-server of our own on a free port of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './debian.mjs';
import { freePort } from './free-port.mjs';

/** Undefined: there is none on this machine. */
export function redisProgram() {
  return process.env.REDIS_SERVER_PATH ?? findProgram(['redis-server', 'valkey-server']);
}

/**
 * Resolves once it answers. Rejects where it is not installed, or ends at once.
 * @param {readonly string[]} args
 */
export async function startRedis(...args) {
  const program = redisProgram();
  if (program === undefined) {
    throw new Error('redis-server is not installed. On Debian: apt-get install redis-server');
  }
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'record-updates-redis-'));
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(program, [...always, '--loglevel', 'warning', ...args], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const isUp = await Promise.race([
    answering(port),
    exited.then(
      () => false,
      () => false,
    ),
  ]);
  if (!isUp) throw new Error(`${program} ended as soon as it was started`);
  return {
    port,
    /** It keeps its connections and answers nothing any more. */
    freeze: () => {
      child.kill('SIGSTOP');
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param {number} port @returns {Promise<true>} */
async function answering(port) {
  while (!(await answers(port))) await sleep(10);
  return true;
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
