import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { findProgram } from '../../../scripts/lib/debian.mjs';
import { freePort } from '../../../scripts/lib/free-port.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import type { OneServer } from '../../../lib/coordination/redis/settings';

const PROGRAM = process.env.REDIS_SERVER_PATH ?? findProgram(['redis-server', 'valkey-server']);

/** Where there is no server these tests are skipped, which `npm test` says loudly and CI takes for a failure. */
export const hasRedis = PROGRAM !== undefined;

const [KEY, CERTIFICATE] = ['key', 'cert'].map(name => inRoot(`test/support/tls/${name}.pem`));
/** Settings of a server for TLS, with a certificate that is its own authority. */
export const TLS_SETTINGS = [
  ['tls-key-file', KEY ?? ''],
  ['tls-cert-file', CERTIFICATE ?? ''],
  ['tls-ca-cert-file', CERTIFICATE ?? ''],
  ['tls-auth-clients', 'no'],
] as const;
/** The same as arguments. */
export const TLS_ARGS = TLS_SETTINGS.flatMap(([name, value]) => [`--${name}`, value]);
/** What a client needs to trust it. */
export const TRUSTING = { ca: readFileSync(CERTIFICATE ?? '') };

/** How the tests sign in, and what begins their keys. */
export const ACCESS = { tls: undefined, user: undefined, password: undefined, prefix: 'ru:' };

/** A server of its own, on a free port of this machine. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'record-updates-redis-'));

  private constructor(
    readonly port: number,
    private readonly args: readonly string[],
    /** Lines of the file in which it keeps what it finds out; undefined: it is no sentinel. */
    private readonly sentinelConfig?: readonly string[],
  ) {}

  static async start(...args: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args);
    await server.start();
    return server;
  }

  static async startSentinel(config: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), [], config);
    await server.start();
    return server;
  }

  /** For one test. */
  static async forTest(...args: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...args);
    onTestFinished(() => server.end());
    return server;
  }

  settings(rest: Partial<OneServer> = {}): OneServer {
    return { host: '127.0.0.1', port: this.port, database: 0, ...ACCESS, ...rest };
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    const always = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const args = [...this.kind(), ...always, '--loglevel', 'warning', ...this.args];
    const child = spawn(PROGRAM ?? 'redis-server', args, { stdio: 'ignore' });
    this.child = child;
    const client = new Redis({
      port: this.port,
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
    });
    client.on('error', () => undefined);
    // An answer of any kind, also that a password is missing; whoever else has the port would answer, too.
    const ended = once(child, 'exit').then(() => true);
    const hasEnded = await Promise.race([client.ping().catch(() => undefined), ended]);
    client.disconnect();
    if (hasEnded === true) throw new Error(`It ended at its start: redis-server ${args.join(' ')}`);
  }

  private kind(): string[] {
    if (this.sentinelConfig === undefined) return ['--save', ''];
    const file = join(this.folder, 'sentinel.conf');
    writeFileSync(file, this.sentinelConfig.join('\n'));
    return [file, '--sentinel'];
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  private get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One answer to a client of its own. */
  async ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis({ port: this.port, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      return await question(client);
    } finally {
      client.disconnect();
    }
  }

  /** A client as another program has one. */
  client(options: { username?: string; password?: string } = {}): Redis {
    const client = new Redis({ port: this.port, ...options });
    client.on('error', () => undefined);
    onTestFinished(() => {
      client.disconnect();
    });
    return client;
  }
}
