import { systemTime } from '../../lib/retry/time';
import type { Connection, OpenConnection } from './connection';

/**
 * Opens the connections of all endpoints of one Node-RED. What talks to an API is half of the package, so it is loaded
 * when there is an endpoint.
 */
export class Connections {
  private loading: Promise<OpenConnection> | undefined;

  /** Loads what it takes, so that the first message need not wait for it. */
  prepare(): void {
    // What went wrong is told to whoever opens one.
    this.load().catch(() => undefined);
  }

  /** Rejects with InputError naming the setting that cannot work. Connects to nothing yet. */
  async open(...settings: Parameters<OpenConnection>): Promise<Connection> {
    const open = await this.load();
    return open(...settings);
  }

  private load(): Promise<OpenConnection> {
    this.loading ??= import('./connection.js').then(({ connectionsOf }) =>
      connectionsOf(systemTime),
    );
    return this.loading;
  }
}
