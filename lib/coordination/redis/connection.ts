import type { InputError } from '../../errors';
import { setUnrefTimer, type Time } from '../../retry/time';
import { ANSWER_MS, clientOptions, loadClient, type Redis } from './client';
import { faultOf, refusalOf, StoreUnavailable } from './faults';
import { findingsIn, keepsFile, type Finding } from './findings';
import type { Script } from './script';
import type { RedisSettings } from './settings';

export interface ConnectionState {
  readonly kind: 'connecting' | 'connected' | 'disconnected';
  /** Wall clock, milliseconds since the epoch. */
  readonly since: number;
  /** Of `disconnected`. Holds no secret. */
  readonly why?: string;
}

export interface ConnectionOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** Called after every change of the state. */
  readonly onState?: (state: ConnectionState) => void;
  /** Called after each connection, with what was found out about the server. */
  readonly onFindings?: (findings: readonly Finding[]) => void;
}

/** What the coordination needs of a connection. */
export interface ScriptRunner {
  readonly prefix: string;
  /** Throws StoreUnavailable, or InputError where only a person can put it right. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown>;
  /** Hears messages of a channel until the returned function is called; while there is no connection, none come. */
  listen(channel: string, onMessage: (message: string) => void): () => void;
  /** Calls back when the connection is there again, until the returned function is called. */
  onConnected(listener: () => void): () => void;
}

/** Not ready so long after the connection was made: whatever is at the other end does not answer. Milliseconds. */
const READY_MS = 2 * ANSWER_MS;

/** One connection for commands and, once somebody listens, one for messages. It comes back by itself. */
export class RedisConnection implements ScriptRunner {
  private current: ConnectionState;
  private refusal: InputError | undefined;
  private subscriber: Redis | undefined;
  private readonly listeners = new Map<string, (message: string) => void>();
  private readonly waking = new Set<() => void>();
  private isClosed = false;
  private keepsFile = false;
  private readonly tried: Promise<void>;
  private endFirstTry = (): void => undefined;

  private constructor(
    private readonly client: Redis,
    readonly prefix: string,
    private readonly options: ConnectionOptions,
  ) {
    this.current = { kind: 'connecting', since: options.time.now() };
    this.tried = new Promise(resolve => (this.endFirstTry = resolve));
    this.watch(client);
    client.on('ready', () => void this.onReady());
    client.on('error', (error: Error) => {
      const refused = refusalOf(error.message);
      if (refused !== undefined) this.refusal = refused;
      this.lose(error.message);
    });
    client.on('close', () => {
      this.lose('the connection was closed');
    });
    client.connect().catch(ignore);
  }

  /** Begins to connect. Throws InputError `STORE_CLIENT_MISSING`; everything else shows in the state. */
  static async open(
    settings: RedisSettings,
    options: ConnectionOptions,
    load?: Parameters<typeof loadClient>[0],
  ): Promise<RedisConnection> {
    const { Redis } = await loadClient(load);
    return new RedisConnection(new Redis(clientOptions(settings)), settings.prefix, options);
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Whether the server said that it keeps an append-only file; known by the time of the first answer to `run`. */
  get isDurable(): boolean {
    return this.keepsFile;
  }

  async run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    // At a start messages may come before there was time to connect.
    await this.tried;
    this.checkUsable();
    try {
      const answer = await this.evaluate(script, [...keys], [...args]);
      this.show({ kind: 'connected' });
      return answer;
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Answers to INFO and to a script. Throws as `run` does. */
  async probe(): Promise<readonly Finding[]> {
    await this.tried;
    this.checkUsable();
    try {
      await this.client.eval("return redis.call('TIME')", 0);
      return await this.look();
    } catch (error) {
      throw this.failed(error);
    }
  }

  listen(channel: string, onMessage: (message: string) => void): () => void {
    this.listeners.set(channel, onMessage);
    this.subscriber ??= this.newSubscriber();
    if (this.subscriber.status === 'ready') this.subscriber.subscribe(channel).catch(ignore);
    return () => {
      this.listeners.delete(channel);
      if (this.subscriber?.status === 'ready') this.subscriber.unsubscribe(channel).catch(ignore);
    };
  }

  onConnected(listener: () => void): () => void {
    this.waking.add(listener);
    return () => {
      this.waking.delete(listener);
    };
  }

  /** At once, whatever is under way. */
  close(): void {
    this.isClosed = true;
    this.endFirstTry();
    this.client.disconnect();
    this.subscriber?.disconnect();
  }

  private async evaluate(
    { lua, sha }: Script,
    keys: string[],
    args: (string | number)[],
  ): Promise<unknown> {
    try {
      return await this.client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.client.eval(lua, keys.length, ...keys, ...args);
    }
  }

  private checkUsable(): void {
    if (this.isClosed) throw new StoreUnavailable('this store was closed');
    if (this.client.status === 'ready') return;
    const { refusal } = this;
    if (refusal !== undefined) throw refusal;
    throw new StoreUnavailable(this.current.why ?? 'there is no connection yet');
  }

  /** A connection that does not answer may be dead although it looks alive: a new one is made. */
  private failed(error: unknown): InputError | StoreUnavailable {
    if (error instanceof Error && error.message === 'Command timed out') {
      this.lose(`no answer within ${ANSWER_MS} ms`);
      if (!this.isClosed) this.client.disconnect(true);
    }
    return faultOf(error, this.prefix);
  }

  private async onReady(): Promise<void> {
    this.refusal = undefined;
    this.keepsFile = false;
    this.show({ kind: 'connected' });
    this.endFirstTry();
    for (const listener of [...this.waking]) listener();
    // Not everybody may ask for it; then nothing is found.
    const findings = await this.look().catch(() => []);
    if (!this.isClosed) this.options.onFindings?.(findings);
  }

  private async look(): Promise<Finding[]> {
    try {
      const info = await this.client.info();
      this.keepsFile = keepsFile(info);
      return findingsIn(info);
    } catch (error) {
      if (refusalOf(error instanceof Error ? error.message : '') !== undefined) return [];
      throw error;
    }
  }

  private lose(why: string): void {
    this.show({ kind: 'disconnected', why: this.refusal === undefined ? why : 'sign-in refused' });
    this.endFirstTry();
  }

  private show({ kind, why }: Omit<ConnectionState, 'since'>): void {
    const isNews = kind !== this.current.kind;
    // The first reason says most: that the connection was closed follows from it.
    if (this.isClosed || !isNews) return;
    this.current = {
      kind,
      since: this.options.time.now(),
      ...(why === undefined ? {} : { why }),
    };
    this.options.onState?.(this.current);
  }

  private newSubscriber(): Redis {
    const subscriber = this.client.duplicate();
    this.watch(subscriber);
    // Whatever is not heard is found out by asking again.
    subscriber.on('error', ignore);
    subscriber.on('ready', () => {
      const channels = [...this.listeners.keys()];
      if (channels.length > 0) subscriber.subscribe(...channels).catch(ignore);
    });
    subscriber.on('message', (channel: string, message: string) => {
      this.listeners.get(channel)?.(message);
    });
    subscriber.connect().catch(ignore);
    return subscriber;
  }

  /** A server that takes the connection and then says nothing must not hold us up for ever. */
  private watch(client: Redis): void {
    let cancel = (): void => undefined;
    client.on('connect', () => {
      cancel();
      cancel = setUnrefTimer(() => {
        if (client.status === 'connect' && !this.isClosed) client.disconnect(true);
      }, READY_MS);
    });
    for (const event of ['ready', 'close', 'end']) client.on(event, () => cancel());
  }
}

function ignore(): void {
  // Shown by the state of the connection.
}
