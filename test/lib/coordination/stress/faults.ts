import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../../support/redis/server';
import type { TcpProxy } from '../../../support/redis/tcp-proxy';

/** A process and its way to Redis. */
export interface Victim {
  /** kill -9, and another one in its place. */
  replace(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  readonly proxy: TcpProxy | undefined;
}

/** Does harm, and makes it good again. */
export interface Fault {
  readonly name: string;
  readonly strike: (victim: Victim, ms: number) => Promise<void>;
}

export const PROCESS_FAULTS: readonly Fault[] = [
  { name: 'kill -9', strike: victim => victim.replace() },
  {
    name: 'SIGSTOP',
    strike: async (victim, ms) => {
      victim.signal('SIGSTOP');
      await sleep(ms);
      victim.signal('SIGCONT');
    },
  },
];

const LINK_FAULTS: readonly Fault[] = [
  {
    name: 'connections cut',
    strike: ({ proxy }) => {
      proxy?.cut();
      return Promise.resolve();
    },
  },
  {
    name: 'connections frozen',
    strike: async ({ proxy }, ms) => {
      proxy?.freeze();
      await sleep(ms);
      proxy?.heal();
    },
  },
  {
    name: 'answers lost',
    strike: async ({ proxy }, ms) => {
      proxy?.dropReplies();
      await sleep(ms);
      proxy?.heal();
    },
  },
];

export function redisFaults(server: RedisServer): readonly Fault[] {
  return [
    ...PROCESS_FAULTS,
    ...LINK_FAULTS,
    {
      name: 'restart of Redis',
      strike: async (_, ms) => {
        await server.kill();
        await sleep(ms / 4);
        await server.start();
      },
    },
    {
      name: 'SIGSTOP of Redis',
      strike: async (_, ms) => {
        server.signal('SIGSTOP');
        await sleep(ms);
        server.signal('SIGCONT');
      },
    },
    {
      name: 'scripts forgotten',
      strike: async () => {
        // Another fault may be at it.
        await server.ask(client => client.script('FLUSH')).catch(() => undefined);
      },
    },
  ];
}
