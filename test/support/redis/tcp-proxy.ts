import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Passes a connection on, until it is told to do it harm. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [near: Socket, far: Socket]>();
  private mode: 'pass' | 'frozen' | 'deaf' = 'pass';
  private late = { text: '', after: Infinity, ms: 0 };

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', near => {
      this.pass(near);
    });
  }

  static async open(target: number): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** For one test. */
  static async forTest(target: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(target);
    onTestFinished(() => {
      proxy.close();
    });
    return proxy;
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection. */
  cut(): void {
    for (const sockets of this.pairs) for (const socket of sockets) socket.destroy();
  }

  /** Nothing gets through any more, and nobody is told. */
  freeze(): void {
    this.mode = 'frozen';
  }

  /** What is asked gets through, what is answered does not. */
  dropReplies(): void {
    this.mode = 'deaf';
  }

  /** One answer comes late: to the request that holds that text, when so many of them have passed. */
  delayAnswerTo(text: string, after: number, ms: number): void {
    this.late = { text, after, ms };
  }

  /** New connections work again; what was lost stays lost. */
  heal(): void {
    this.mode = 'pass';
    this.cut();
  }

  private pass(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    near.on('data', data => {
      const { text, ms } = this.late;
      if (data.includes(text) && this.late.after-- === 0) {
        far.pause();
        setTimeout(() => far.resume(), ms);
      }
      if (this.mode !== 'frozen') far.write(data);
    });
    far.on('data', data => {
      if (this.mode === 'pass') near.write(data);
    });
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        this.pairs.delete(pair);
      });
    }
  }
}
