import { spawn } from 'node:child_process';
import { ROOT } from './root.mjs';
import { onExit } from './shutdown.mjs';

/** Time a process gets between the polite and the hard way to end it. */
const KILL_GRACE_MS = 5_000;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the project's root
 * @property {NodeJS.ProcessEnv} [env] added to this process's environment
 * @property {boolean} [echo] show the output as it comes
 */

/**
 * @typedef {object} RunResult
 * @property {number} code 0 only when the program ended well
 * @property {string} output standard output and error in the order they came
 * @property {string} stdout
 */

/**
 * Runs a program to its end; it never rejects: a program that cannot start has a code other than 0
 * and says so in its output. There is no limit of time, for a slow machine needs what it needs.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, options = {}) {
  const { cwd = ROOT, env = {}, echo = false } = options;
  return new Promise(resolve => {
    let output = '';
    let stdout = '';
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => terminate(child);
    const forget = onExit(stop);
    child.stdout.on('data', chunk => {
      output += chunk;
      stdout += chunk;
      if (echo) process.stdout.write(chunk);
    });
    child.stderr.on('data', chunk => {
      output += chunk;
      if (echo) process.stderr.write(chunk);
    });
    /** @param {number} code */
    const finish = code => {
      forget();
      resolve({ code, output, stdout });
    };
    child.once('error', error => {
      output += `${error.message}\n`;
      finish(127);
    });
    child.once('close', code => finish(code ?? 1));
  });
}

/** Ends a process by its handle. @param {import('node:child_process').ChildProcess} child */
export function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
  child.once('exit', () => clearTimeout(hard));
}

/**
 * Runs npm: the one that runs this script when there is one, so that versions do not mix.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return run(process.execPath, [cli, ...args], options);
  if (process.platform === 'win32') return run('cmd', ['/d', '/s', '/c', 'npm', ...args], options);
  return run('npm', args, options);
}

/**
 * Runs a tool of node_modules by its script, without a shell.
 * @param {string} script path below node_modules, such as `prettier/bin/prettier.cjs`
 * @param {readonly string[]} args
 * @param {RunOptions & { nodeArgs?: readonly string[] }} [options] nodeArgs: for Node.js itself
 */
export function tool(script, args, { nodeArgs = [], ...options } = {}) {
  const path = `${ROOT}/node_modules/${script}`;
  return run(process.execPath, [...nodeArgs, path, ...args], options);
}

/**
 * Runs the compiler of TypeScript 7, which takes a fifth of the time of the one before. That one stays for whoever reads
 * types through its interface: eslint and the tests. Several checkers would each look at what they share, and a
 * collector that waits until four times as much is there as it kept has little to do: both took a third of the time.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export const tsc = (args, { env, ...options } = {}) =>
  tool('@typescript/native/bin/tsc', [...args, '--checkers', '1'], {
    ...options,
    env: { GOGC: '400', ...env },
  });
