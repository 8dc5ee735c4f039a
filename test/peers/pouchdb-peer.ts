import { fileURLToPath } from 'node:url';
import type { Fields } from '../../lib/record/fields';
import { PeerProcess } from './peer-process';

const PROGRAM = fileURLToPath(new URL('pouchdb/server.mjs', import.meta.url));
const DATABASE = 'orders';

/** A server that speaks the protocol of CouchDB, with one empty database in memory, in a process of its own. */
export class PouchDbPeer {
  private constructor(private readonly process: PeerProcess) {}

  /** Throws when the server ends before it is ready, with what it wrote. */
  static async start(): Promise<PouchDbPeer> {
    const peer = new PouchDbPeer(await PeerProcess.start('PouchDB', PROGRAM));
    await peer.ask('PUT', '');
    return peer;
  }

  get url(): string {
    return this.process.url;
  }

  /** Ends the process; resolves when it is gone. */
  close(): Promise<void> {
    return this.process.close();
  }

  read(id: string): Promise<Fields> {
    return this.ask('GET', `/${id}`);
  }

  create(id: string, fields: Fields): Promise<Fields> {
    return this.ask('PUT', `/${id}`, fields);
  }

  /** As somebody else, on the version that is there. */
  async change(id: string, changes: Fields): Promise<void> {
    await this.ask('PUT', `/${id}`, { ...(await this.read(id)), ...changes });
  }

  async remove(id: string): Promise<void> {
    const { _rev: revision } = await this.read(id);
    await this.ask('DELETE', `/${id}?rev=${String(revision)}`);
  }

  /** Throws when the server does not take it. */
  private async ask(method: string, path: string, body?: Fields): Promise<Fields> {
    const headers = { 'content-type': 'application/json' };
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/${DATABASE}${path}`, { method, ...content });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Fields;
  }
}
