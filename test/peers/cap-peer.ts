import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { PeerProcess } from './peer-process';

export type CapEntity = 'Orders' | 'OrderLines' | 'Carriers';
type Row = Readonly<Record<string, unknown>>;

/** One committed change, as the service's database wrote it down itself. */
export interface CapChange {
  /** `anonymous` or the user of the request; what `by` said for changes at the control route. */
  readonly by: string;
  readonly change: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly entity: CapEntity;
  /** Null for an insertion. */
  readonly before: Row | null;
  /** Null for a deletion. */
  readonly after: Row | null;
}

/** Where another major of CAP lies, and the Node.js that it wants (`npm run test:cap`); unset: the installed one. */
const { CAP_HOME, CAP_NODE = process.execPath } = process.env;
const FOLDER =
  CAP_HOME === undefined ? fileURLToPath(new URL('cap/', import.meta.url)) : join(CAP_HOME, 'cap');

/** A SAP CAP service with a database in memory, in a process of its own. */
export class CapPeer {
  readonly url: string;
  readonly v4: string;
  readonly v2: string;
  readonly rest: string;

  private constructor(private readonly process: PeerProcess) {
    this.url = process.url;
    this.v4 = `${this.url}/odata/v4/orders`;
    this.v2 = `${this.url}/odata/v2/orders`;
    this.rest = `${this.url}/rest/orders`;
  }

  /** `env`: settings of CAP. Throws when the service ends before it is ready, with what it wrote. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<CapPeer> {
    const options = { cwd: FOLDER, execPath: CAP_NODE, env };
    return new CapPeer(await PeerProcess.start('CAP', join(FOLDER, 'server.mjs'), options));
  }

  /** Ends the process; resolves when it is gone. */
  close(): Promise<void> {
    return this.process.close();
  }

  async create(entity: CapEntity, row: Row): Promise<void> {
    await this.control({ by: 'seed', entity, create: row });
  }

  /** In one transaction. */
  async createMany(entity: CapEntity, rows: readonly Row[]): Promise<void> {
    await this.control({ by: 'seed', entity, create: rows });
  }

  /** Changes a field of several records in one transaction, as another user of the service. */
  async changeMany(entity: CapEntity, keys: readonly string[], set: Row): Promise<void> {
    if (keys.length === 0) return;
    await this.control({ by: 'background', entity, keys, set });
  }

  /** Changes a record as another user of the service. */
  async change(entity: CapEntity, key: Row, set: Row, by = 'background'): Promise<void> {
    await this.control({ by, entity, key, set });
  }

  async remove(entity: CapEntity, key: Row): Promise<void> {
    await this.control({ by: 'background', entity, key, set: null });
  }

  /** Takes the version from a record, as a migration behind the service's back does. */
  async blank(entity: CapEntity, key: Row): Promise<void> {
    await this.control({ by: 'migration', entity, key, blank: true });
  }

  /** Every committed change so far, oldest first. */
  async history(): Promise<readonly CapChange[]> {
    const answer = await fetch(`${this.url}/history`);
    return (await answer.json()) as CapChange[];
  }

  /** Resolves when the handlers of all requests have ended, also of those that nobody waits for any more. */
  async quiet(): Promise<void> {
    const answer = await fetch(`${this.url}/quiet`);
    if (!answer.ok) throw new Error(`The quiet route answered ${answer.status}.`);
  }

  private async control(command: Row): Promise<void> {
    const body = JSON.stringify(command);
    const answer = await fetch(`${this.url}/control`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`The control route answered ${answer.status}.`);
  }
}

/** Of this process: a service takes a second to start, and some more until it has compiled what it runs. */
let shared: Promise<CapPeer> | undefined;

/** One service for all files of a process, with which it ends; its records are told apart by their keys. */
export function useCapPeer(): () => CapPeer {
  let peer: CapPeer | undefined;
  beforeAll(async () => {
    shared ??= CapPeer.start();
    peer = await shared;
  });
  return () => started(peer);
}

/** One for the tests of a file, whose history is theirs alone. */
export function useOwnCapPeer(): () => CapPeer {
  let peer: CapPeer | undefined;
  beforeAll(async () => {
    peer = await CapPeer.start();
  });
  afterAll(async () => {
    await peer?.close();
  });
  return () => started(peer);
}

function started(peer: CapPeer | undefined): CapPeer {
  if (peer === undefined) throw new Error('CAP has not started.');
  return peer;
}
