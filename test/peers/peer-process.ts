import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';

/** A server in a process of its own, which tells where it listens and ends with this one. */
export class PeerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Throws when it ends before it is ready, with what it wrote. `options.env` comes beside the search path. */
  static async start(
    name: string,
    program: string,
    options: ForkOptions = {},
  ): Promise<PeerProcess> {
    const { PATH = '' } = process.env;
    const child = fork(program, [], {
      ...options,
      env: { PATH, ...options.env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const errors: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', text => errors.push(String(text)));
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', ready => resolve((ready as { url: string }).url));
      child.once('exit', code => {
        reject(new Error(`${name} ended with code ${String(code)}: ${errors.join('')}`));
      });
    });
    return new PeerProcess(child, url);
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}
