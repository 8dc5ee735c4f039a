import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';

/** Longer than any pause of a client, so that a pooled connection is never closed under a request. */
const KEEP_ALIVE_MS = 300_000;

export interface Listener {
  readonly port: number;
  /** Ends every connection at once, idle or busy. Safe to call again. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 only. Rejects when the port is taken. */
export async function listen(port: number, onRequest: RequestListener): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: portOf(server), close: () => closed(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    // The only error is "not running", which is what was asked for.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
