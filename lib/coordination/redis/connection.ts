import { InputError } from '../../errors';
import { setUnrefTimer, type Time } from '../../retry/time';
import {
  ANSWER_MS,
  clusterOptions,
  loadClient,
  serverOptions,
  type Clients,
  type Redis,
} from './client';
import { ClusterLink } from './cluster-link';
import { CLOSED, faultOf, refusalOf, servesNobody, StoreUnavailable, TIMED_OUT } from './faults';
import { findingsIn, keepsFile, type Finding } from './findings';
import { taggedPrefix } from './hash-tag';
import { giveUpSilent, messageOf, type Link } from './link';
import { script, type Script } from './script';
import { ServerLink } from './server-link';
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

/** Deletes a key that nobody writes: a server that may only be read, or that is not ready yet, refuses it. */
const WRITABLE = script("return redis.call('DEL', KEYS[1])");
/** What cannot be written, or does not tell when it breaks, is asked again so soon. Milliseconds. */
const CHECK_MS = 1000;

/** One connection for commands and, once somebody listens, one for messages. It comes back by itself. */
export class RedisConnection implements ScriptRunner {
  private current: ConnectionState;
  private refusal: InputError | undefined;
  private subscriber: Redis | undefined;
  private readonly listeners = new Map<string, (message: string) => void>();
  private readonly waking = new Set<() => void>();
  private isClosed = false;
  private keepsFile = false;
  /** Of the server as it is now it is known what it keeps. */
  private hasLooked = false;
  /** Resolves when there is something to say to whoever asks. */
  private tried: Promise<void>;
  private endFirstTry = (): void => undefined;
  private cancelNext = (): void => undefined;
  private cancelListening = (): void => undefined;

  private constructor(
    private readonly link: Link,
    readonly prefix: string,
    private readonly options: ConnectionOptions,
  ) {
    this.current = { kind: 'connecting', since: options.time.now() };
    this.tried = new Promise(resolve => (this.endFirstTry = resolve));
    const { client } = link;
    client.on('ready', () => void this.check());
    client.on('error', error => {
      this.onError(error);
    });
    client.on('close', () => {
      this.onError(new Error(CLOSED));
    });
    // Then the client itself tries no more.
    client.on('end', () => {
      this.next(() => {
        this.connect();
      });
    });
    this.connect();
  }

  /** Begins to connect. Throws InputError `STORE_CLIENT_MISSING`; everything else shows in the state. */
  static async open(
    settings: RedisSettings,
    options: ConnectionOptions,
    load?: Parameters<typeof loadClient>[0],
  ): Promise<RedisConnection> {
    const { prefix } = settings;
    const own = 'nodes' in settings ? taggedPrefix(prefix) : prefix;
    return new RedisConnection(makeLink(await loadClient(load), settings), own, options);
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Whether every server said that it keeps an append-only file; known by the time of the first answer to `run`. */
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
      return await this.evaluate(script, keys, args);
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Writes to the store and asks every server for its INFO. Throws as `run` does. */
  async probe(): Promise<readonly Finding[]> {
    await this.tried;
    this.checkUsable();
    try {
      await this.evaluate(WRITABLE, [`${this.prefix}ready`], []);
      return await this.look();
    } catch (error) {
      throw this.failed(error);
    }
  }

  listen(channel: string, onMessage: (message: string) => void): () => void {
    this.listeners.set(channel, onMessage);
    if (this.subscriber?.status === 'ready') this.subscriber.subscribe(channel).catch(ignore);
    else this.hear();
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
    this.cancelNext();
    this.cancelListening();
    this.link.client.disconnect();
    this.subscriber?.disconnect();
  }

  private connect(): void {
    this.link.client.connect().catch(ignore);
  }

  private onError(error: Error): void {
    const { client } = this.link;
    const reason = this.link.reasonOf(error);
    if (reason instanceof InputError) this.refusal = reason;
    this.lose(summaryOf(reason));
    // Otherwise it would go on with what was refused left out: without the number of the database, for one.
    if (reason instanceof InputError && client.status === 'connect') client.disconnect(true);
  }

  /** A store is connected when its keys can be written: then a script of ours will work, too. */
  private async check(): Promise<void> {
    // If it is not, it will be.
    if (this.link.client.status !== 'ready') return;
    try {
      await this.evaluate(WRITABLE, [`${this.prefix}ready`], []);
    } catch (error) {
      const reason = this.link.reasonOf(error);
      // Who asks for something is told so; there is nothing to be waited for.
      if (typeof reason === 'string' || reason.code !== 'STORE_NOT_PERMITTED') {
        this.notWritable(reason);
        return;
      }
    }
    if (this.isClosed) return;
    if (this.link.isCluster) this.next(() => void this.check());
    this.onWritable();
  }

  private notWritable(reason: InputError | string): void {
    if (reason instanceof InputError) this.refusal = reason;
    this.lose(summaryOf(reason));
    this.next(() => {
      this.renew();
    });
  }

  private onWritable(): void {
    this.refusal = undefined;
    const isNews = this.current.kind !== 'connected';
    this.show({ kind: 'connected' });
    this.hear();
    if (!isNews && this.hasLooked) return;
    this.keepsFile = false;
    this.hasLooked = false;
    // Before anything else is asked: the answer says what the others are worth.
    this.holdBack();
    void this.tellFindings().then(() => {
      this.endFirstTry();
    });
    if (isNews) for (const listener of [...this.waking]) listener();
  }

  /** Whoever asks from now on waits, as those who wait already do. */
  private holdBack(): void {
    const end = this.endFirstTry;
    this.tried = new Promise(resolve => {
      this.endFirstTry = () => {
        end();
        resolve();
      };
    });
  }

  private async tellFindings(): Promise<void> {
    try {
      // Not everybody may ask for it; then nothing is found.
      const findings = await this.look();
      this.hasLooked = true;
      if (!this.isClosed) this.options.onFindings?.(findings);
    } catch (error) {
      this.failed(error);
    }
  }

  private async look(): Promise<Finding[]> {
    const infos = await Promise.all(this.link.masters().map(infoOf));
    this.keepsFile = infos.length > 0 && infos.every(keepsFile);
    const all = new Map(infos.flatMap(findingsIn).map(found => [found.message, found]));
    return [...all.values()];
  }

  /** The one thing that is to be done in a while. */
  private next(todo: () => void): void {
    this.cancelNext();
    if (!this.isClosed) this.cancelNext = setUnrefTimer(todo, CHECK_MS);
  }

  private renew(): void {
    const isReady = this.link.client.status === 'ready';
    if (isReady && !this.isClosed) this.link.renew(() => void this.check());
  }

  private async evaluate(
    { lua, sha }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const { client } = this.link;
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return client.eval(lua, keys.length, ...keys, ...args);
    }
  }

  private checkUsable(): void {
    if (this.isClosed) throw new StoreUnavailable('this store was closed');
    const { refusal, link, current } = this;
    if (refusal !== undefined) throw refusal;
    const mayWork = link.isCluster || current.kind === 'connected';
    if (mayWork && link.client.status === 'ready') return;
    throw new StoreUnavailable(this.current.why ?? 'there is no connection yet');
  }

  /** A connection that does not answer may be dead although it looks alive: a new one is made. */
  private failed(error: unknown): InputError | StoreUnavailable {
    const words = messageOf(error);
    const fault = faultOf(this.link.reasonOf(error), this.prefix);
    if (words === TIMED_OUT || /\bREADONLY\b/.test(words)) {
      // Of a cluster it may be a server without keys of the store.
      if (!this.link.isCluster) this.lose(words);
      this.renew();
    } else if (fault instanceof StoreUnavailable && servesNobody(words) && !this.link.isCluster) {
      // Nobody else tells when that is over; a cluster is asked all the time.
      this.lose(summaryOf(words));
      this.next(() => void this.check());
    }
    return fault;
  }

  private lose(why: string): void {
    this.show({ kind: 'disconnected', why: why === TIMED_OUT ? NO_ANSWER : why });
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

  /** Where somebody listens and nobody hears. */
  private hear(): void {
    if (this.subscriber !== undefined || this.listeners.size === 0 || this.isClosed) return;
    const subscriber = this.link.newListener();
    if (subscriber === undefined) return;
    this.subscriber = subscriber;
    giveUpSilent(subscriber);
    // Whatever is not heard is found out by asking again.
    subscriber.on('error', ignore);
    subscriber.on('ready', () => {
      const channels = [...this.listeners.keys()];
      if (channels.length > 0) subscriber.subscribe(...channels).catch(ignore);
    });
    subscriber.on('message', (channel: string, message: string) => {
      this.listeners.get(channel)?.(message);
    });
    subscriber.on('end', () => {
      this.subscriber = undefined;
      this.cancelListening = setUnrefTimer(() => {
        this.hear();
      }, CHECK_MS);
    });
    subscriber.connect().catch(ignore);
  }
}

const NO_ANSWER = `no answer within ${ANSWER_MS} ms`;

function makeLink(clients: Clients, settings: RedisSettings): Link {
  if ('nodes' in settings) {
    const { nodes } = settings;
    return new ClusterLink(new clients.Cluster([...nodes], clusterOptions(settings)));
  }
  const master = 'sentinels' in settings ? settings.master : undefined;
  return new ServerLink(new clients.Redis(serverOptions(settings)), master);
}

/** Empty where it is not told: not everybody may ask. */
async function infoOf(server: Redis): Promise<string> {
  try {
    return await server.info();
  } catch (error) {
    if (refusalOf(messageOf(error)) !== undefined) return '';
    throw error;
  }
}

/** Short: what to do stands in the errors of whoever asks for something. */
function summaryOf(reason: InputError | string): string {
  return typeof reason === 'string' ? reason : (reason.message.split('. ', 1)[0] ?? '');
}

function ignore(): void {
  // Shown by the state of the connection.
}
