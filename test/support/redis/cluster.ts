import { expect, vi } from 'vitest';
import type { ClusterNodes } from '../../../lib/coordination/redis/settings';
import { ACCESS, freePort, RedisServer } from './server';

const SLOTS = 16_384;
const MASTERS = 3;

/** Three masters without replicas, each with a third of the keys. */
export class RedisCluster {
  private constructor(readonly servers: readonly RedisServer[]) {}

  /** @param args of each server */
  static async start(...args: readonly string[]): Promise<RedisCluster> {
    const servers: RedisServer[] = [];
    const buses: number[] = [];
    for (let number = 0; number < MASTERS; number++) {
      const bus = await freePort();
      buses.push(bus);
      const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
      servers.push(await RedisServer.start(...cluster, '--cluster-port', String(bus), ...args));
    }
    const cluster = new RedisCluster(servers);
    await cluster.join(buses);
    return cluster;
  }

  settings(rest: Partial<ClusterNodes> = {}): ClusterNodes {
    const nodes = this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
    return { nodes, ...ACCESS, ...rest };
  }

  /** The one that holds a key. */
  async ownerOf(key: string): Promise<RedisServer> {
    const [any] = this.servers;
    const slot = await any?.ask(client => client.cluster('KEYSLOT', key));
    const owner = this.servers[Math.floor((Number(slot) * MASTERS) / SLOTS)];
    if (owner === undefined) throw new Error(`nobody owns slot ${slot}`);
    return owner;
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.map(server => server.end()));
  }

  /** Resolves when all of them say that keys can be written. */
  async isReady(): Promise<void> {
    for (const server of this.servers) {
      await vi.waitFor(
        async () => {
          const info = await server.ask(client => client.cluster('INFO'));
          expect(info).toMatch(/cluster_state:ok[^]*cluster_known_nodes:3/);
        },
        { timeout: 240_000, interval: 20 },
      );
    }
  }

  private async join(buses: readonly number[]): Promise<void> {
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    for (const [index, server] of this.servers.entries()) {
      const own = slots.filter(slot => Math.floor((slot * MASTERS) / SLOTS) === index);
      // Otherwise they argue for a while about who is newer.
      await server.ask(client => client.cluster('SET-CONFIG-EPOCH', index + 1));
      await server.ask(client => client.cluster('ADDSLOTS', ...own));
    }
    const [first, ...others] = this.servers;
    for (const [index, { port }] of others.entries()) {
      const bus = buses[index + 1] ?? 0;
      await first?.ask(client => client.call('CLUSTER', 'MEET', '127.0.0.1', port, bus));
    }
    await this.isReady();
  }
}
