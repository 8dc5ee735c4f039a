import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from './root.mjs';

/**
 * Makes this process the only one in this clone that does something, until the returned function is
 * called or the process ends, however it does. Throws with the words of the one that does it already.
 *
 * Holding it means to listen on a local socket: unlike a file with a process id, that cannot outlive
 * its process.
 * @param {string} what a word for what must not be done twice at a time
 * @param {() => string} words what a second one is told
 * @param {string} [root] folder of the clone
 * @returns {Promise<() => void>}
 */
export async function claim(what, words, root = ROOT) {
  const address = addressOf(what, root);
  const server = net.createServer(socket => {
    socket.on('error', () => undefined);
    socket.end(words());
  });
  if (!(await listens(server, address))) {
    const holder = await answerOf(address);
    if (holder !== undefined) throw new Error(holder);
    rmSync(address, { force: true });
    if (!(await listens(server, address))) throw new Error((await answerOf(address)) ?? words());
  }
  server.unref();
  return () => void server.close();
}

/**
 * Does what writes into the folder of the clone for every command to use: one process at a time.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function prepare(work) {
  const release = await claim(
    'prepare',
    () =>
      `process ${process.pid} is installing or building in this folder. Try again when it is done.`,
  );
  try {
    return await work();
  } finally {
    release();
  }
}

/** Short enough for a socket wherever the clone is. @param {string} what @param {string} root */
function addressOf(what, root) {
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const name = `record-updates-${what}-${clone}`;
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\${name}`
    : path.join(os.tmpdir(), `${name}.sock`);
}

/** @param {net.Server} server @param {string} address @returns {Promise<boolean>} not in use */
async function listens(server, address) {
  server.listen(address);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
    return false;
  }
}

/**
 * What the process at the socket says; undefined: there is none any more.
 * @param {string} address
 * @returns {Promise<string | undefined>}
 */
async function answerOf(address) {
  const socket = net.connect(address).setEncoding('utf8');
  try {
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    return answer;
  } catch {
    return undefined;
  }
}
