import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { terminate } from './exec.mjs';
import { PATIENCE_MS } from './patience.mjs';
import { inRoot } from './root.mjs';
import { onExit } from './shutdown.mjs';

/**
 * Starts the sandbox APIs in a process of their own on a free port.
 * @param {string} load how busy they are
 * @param {number} [seed] decides what the others do, and every fault
 * @param {NodeJS.ProcessEnv} [env] added to this process's environment
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startSandbox(load, seed = 1, env = {}) {
  const options = ['--port', '0', '--load', load, '--seed', String(seed)];
  const args = [inRoot('dist/sandbox/main.js'), ...options];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forget = onExit(() => terminate(child));
  child.once('exit', forget);
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    terminate(child);
    await exited;
  };
  try {
    return { url: await announcedUrl(child), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The sandbox prints `{"url": …}` as a line once it answers.
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<string>}
 */
function announcedUrl(child) {
  return new Promise((resolve, reject) => {
    let errors = '';
    child.stderr.on('data', chunk => void (errors += chunk));
    const timer = setTimeout(
      () => reject(new Error(`The sandbox did not start within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    child.once('exit', code => {
      clearTimeout(timer);
      reject(new Error(`The sandbox ended while starting (exit code ${code}):\n${errors}`));
    });
    createInterface({ input: child.stdout }).on('line', line => {
      const url = urlOf(line);
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

/** @param {string} line @returns {string | undefined} */
function urlOf(line) {
  try {
    return JSON.parse(line).url;
  } catch {
    return undefined;
  }
}
