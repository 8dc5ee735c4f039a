import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Said } from './said';
import type { Command, WorkerOptions } from './worker';

/** A process of `stress`, as its parent has it. */
export class StressProcess {
  private readonly child: ChildProcess;
  /** Then it may. */
  private readonly ends = { isKilled: false, isTold: false };
  isOver = false;
  /** Resolves with how it ended when nobody killed it, and that was no end; undefined: all is right. */
  readonly over: Promise<string | undefined>;

  /** @param program as `childProgram` makes it of `worker.ts` */
  constructor(program: string, options: WorkerOptions, onSaid: (said: Said) => void) {
    this.child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Told to one that has been killed.
    this.child.stdin?.on('error', () => undefined);
    let errors = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on('line', line => {
        const said = saidIn(line);
        if (said !== undefined) onSaid(said);
      });
    }
    this.over = once(this.child, 'close').then(([code, signal]) => {
      this.isOver = true;
      const { isKilled, isTold } = this.ends;
      if (isKilled || (isTold && code === 0)) return errors === '' ? undefined : errors;
      return `a process ended with ${String(code ?? signal)}: ${errors}`;
    });
  }

  tell(command: Command): void {
    if (command === 'end') this.ends.isTold = true;
    this.child.stdin?.write(`${command}\n`);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.ends.isKilled = true;
    this.child.kill('SIGKILL');
    await this.over;
  }
}

/** Undefined: it was killed in the middle of it. */
function saidIn(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}
