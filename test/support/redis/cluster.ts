import { expect, vi } from 'vitest';
import { freePort } from '../../../scripts/lib/free-port.mjs';
import type { ServerAddress, ClusterNodes } from '../../../lib/coordination/redis/settings';
import { ACCESS, RedisServer, TLS_ARGS } from './server';

const SLOTS = 16_384;
const MASTERS = 3;

const settles = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 240_000, interval: 20 });

/** A server with the ports at which the others and its clients find it. */
interface Node {
  readonly server: RedisServer;
  readonly port: number;
  readonly bus: number;
}

/** Three masters without replicas, each with a third of the keys. */
export class RedisCluster {
  private readonly replicas: RedisServer[] = [];

  private constructor(private readonly nodes: readonly Node[]) {}

  /** @param options keepsFile: with append-only files */
  static async start({ tls = false, keepsFile = false } = {}): Promise<RedisCluster> {
    const nodes: Node[] = [];
    for (let number = 0; number < MASTERS; number++) {
      nodes.push(await startNode(tls, keepsFile ? ['--appendonly', 'yes'] : []));
    }
    const cluster = new RedisCluster(nodes);
    await cluster.join();
    return cluster;
  }

  get servers(): readonly RedisServer[] {
    return this.nodes.map(({ server }) => server);
  }

  settings(rest: Partial<ClusterNodes> = {}): ClusterNodes {
    const nodes = this.nodes.map(({ port }): ServerAddress => ({ host: '127.0.0.1', port }));
    return { nodes, ...ACCESS, ...rest };
  }

  /** The one that holds a key, as long as nothing was moved. */
  async ownerOf(key: string): Promise<RedisServer> {
    const owner = this.servers[Math.floor(((await this.slotOf(key)) * MASTERS) / SLOTS)];
    if (owner === undefined) throw new Error(`nobody holds ${key}`);
    return owner;
  }

  /** Moves all keys that lie where that one does. @param during called when old keys are here and new ones there */
  async move(
    key: string,
    from: RedisServer,
    to: RedisServer,
    during: () => Promise<void>,
  ): Promise<void> {
    const slot = await this.slotOf(key);
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.ask(client => client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId));
    await from.ask(client => client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId));
    await during();
    const keys = await from.ask(client => client.cluster('GETKEYSINSLOT', slot, 1000));
    const target = ['127.0.0.1', String(to.port), '', '0', '5000', 'KEYS'];
    if (keys.length > 0) {
      await from.ask(client => client.call('MIGRATE', ...target, ...keys));
    }
    for (const server of [to, from, ...this.servers]) {
      await server.ask(client => client.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId));
    }
  }

  /** Resolves when it has all that the master has. */
  async addReplica(master: RedisServer): Promise<void> {
    const { server, port, bus } = await startNode(false);
    this.replicas.push(server);
    await master.ask(client => client.call('CLUSTER', 'MEET', '127.0.0.1', port, bus));
    const id = await idOf(master);
    await settles(() => server.ask(client => client.call('CLUSTER', 'REPLICATE', id)));
    await settles(async () => {
      const info = await server.ask(client => client.info('replication'));
      expect(info).toContain('master_link_status:up');
    });
    // Every master has a say in who takes over.
    for (const voter of this.servers) {
      await settles(async () => {
        const known = await voter.ask(client => client.cluster('SLOTS'));
        expect(JSON.stringify(known)).toContain(String(port));
      });
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.servers, ...this.replicas].map(server => server.end()));
  }

  /** Resolves when all of them say that keys can be written. */
  async isReady(): Promise<void> {
    for (const server of this.servers) {
      await settles(async () => {
        const info = await server.ask(client => client.cluster('INFO'));
        expect(info).toMatch(/cluster_state:ok[^]*cluster_known_nodes:3/);
      });
    }
  }

  private async slotOf(key: string): Promise<number> {
    const [any] = this.servers;
    return Number(await any?.ask(client => client.cluster('KEYSLOT', key)));
  }

  private async join(): Promise<void> {
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    for (const [index, server] of this.servers.entries()) {
      const own = slots.filter(slot => Math.floor((slot * MASTERS) / SLOTS) === index);
      // Otherwise they argue for a while about who is newer.
      await server.ask(client => client.cluster('SET-CONFIG-EPOCH', index + 1));
      await server.ask(client => client.cluster('ADDSLOTS', ...own));
    }
    const [first, ...others] = this.nodes;
    for (const { port, bus } of others) {
      await first?.server.ask(client => client.call('CLUSTER', 'MEET', '127.0.0.1', port, bus));
    }
    await this.isReady();
  }
}

async function startNode(tls: boolean, rest: readonly string[] = []): Promise<Node> {
  const bus = await freePort();
  const tlsPort = await freePort();
  // On a busy machine one that is silent for a second is not gone.
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '3000'];
  const secure = ['--tls-port', String(tlsPort), '--tls-cluster', 'yes', ...TLS_ARGS];
  const copying = ['--repl-diskless-sync-delay', '0'];
  const args = [...cluster, '--cluster-port', String(bus), ...copying, ...(tls ? secure : [])];
  const server = await RedisServer.start(...args, ...rest);
  return { server, port: tls ? tlsPort : server.port, bus };
}

function idOf(server: RedisServer): Promise<string> {
  return server.ask(async client => client.cluster('MYID'));
}
