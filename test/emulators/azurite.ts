import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

const ACCOUNT = 'shop';
const { AZURITE_HOME = '', AZURITE_NODE = process.execPath } = process.env;

/** Microsoft's emulator of Azure Storage, with an account of its own in memory. */
export class Azurite {
  private constructor(
    private readonly child: ChildProcess,
    /** Base URLs of the two services, with the account in them. */
    readonly table: string,
    readonly blob: string,
    /** A shared access signature for everything in the account, as a query. */
    readonly signature: string,
  ) {}

  static async start(): Promise<Azurite> {
    const key = randomBytes(32).toString('base64');
    const program = join(AZURITE_HOME, 'node_modules/azurite/dist/src/azurite.js');
    const ports = ['blob', 'queue', 'table'].flatMap(service => [`--${service}Port`, '0']);
    const options = ['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck'];
    const child = spawn(AZURITE_NODE, [program, ...ports, ...options], {
      env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { Blob = '', Table = '' } = await addressesFrom(child);
    return new Azurite(child, `${Table}/${ACCOUNT}`, `${Blob}/${ACCOUNT}`, sign(key));
  }

  async stop(): Promise<void> {
    this.child.kill();
    if (this.child.exitCode === null && this.child.signalCode === null)
      await once(this.child, 'exit');
  }

  /** Throws when the service does not take it. */
  async ask(method: string, url: string, body?: string, headers: Record<string, string> = {}) {
    const signed = `${url}${url.includes('?') ? '&' : '?'}${this.signature}`;
    const version = { 'x-ms-version': '2020-12-06', ...headers };
    const init = { method, headers: version, ...(body === undefined ? {} : { body }) };
    const answer = await fetch(signed, init);
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

const READY = /Azurite (\w+) service is successfully listening at (\S+)/g;

/** What it says when it is ready: one line for each of three services. */
function addressesFrom(child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    let text = '';
    // It is read to the end: a pipe that nobody empties ends the program.
    child.stdout?.on('data', chunk => {
      text += String(chunk);
      const found = [...text.matchAll(READY)].map(([, service = '', url = '']) => [service, url]);
      if (found.length === 3) resolve(Object.fromEntries(found) as Record<string, string>);
    });
    child.once('exit', code => {
      reject(new Error(`Azurite ended with code ${String(code)}: ${text}`));
    });
  });
}

function sign(key: string): string {
  const parts = {
    sv: '2020-08-04',
    ss: 'bt',
    srt: 'sco',
    sp: 'rwdlacu',
    se: '2099-01-01T00:00:00Z',
  };
  const { sv, ss, srt, sp, se } = parts;
  const text = [ACCOUNT, sp, ss, srt, '', se, '', '', sv, ''].join('\n');
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  return new URLSearchParams({ ...parts, sig }).toString();
}
