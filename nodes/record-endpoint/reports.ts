import type { AcquireOptions, Lease, RecordLocks } from '../../lib/coordination/lock';
import type { Monitor } from '../../lib/monitor/monitor';
import type { Answer, Fault } from '../../lib/outcome/answer';
import type { EndedUpdate } from '../../lib/outcome/ended-update';
import type { SendOptions, Transport, WireRequest } from '../../lib/transport/transport';

/** Who wants to know what happens at an endpoint besides its monitor. Must not throw. */
export interface EndpointListener {
  /** An update has ended, or a pass of a wired loop. */
  onEnded(ended: EndedUpdate): void;
  /** A request to the API is over. @param ms from sending to the end of the answer */
  onRequest(kind: 'read' | 'write', ms: number): void;
  /** Somebody has asked for a record's lock. @param waitedMs milliseconds until it was granted, or not */
  onLock(waitedMs: number, isGranted: boolean): void;
}

/** The one place through which the nodes of an endpoint tell what became of updates. */
export class Reports {
  private readonly listeners = new Set<EndpointListener>();

  constructor(private readonly monitor: Monitor) {}

  readonly ended = (ended: EndedUpdate): void => {
    this.monitor.add(ended);
    for (const listener of this.listeners) listener.onEnded(ended);
  };

  /** Until the returned function is called. */
  readonly listen = (listener: EndpointListener): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** The same transport, which tells how long requests take. */
  overTransport(transport: Transport): Transport {
    const { listeners } = this;
    const told = (
      kind: 'read' | 'write',
      request: WireRequest,
      options: SendOptions,
    ): Promise<Answer | Fault> => {
      const answering = transport[kind](request, options);
      if (listeners.size === 0) return answering;
      const since = performance.now();
      return answering.then(answer => {
        const ms = answer.kind === 'answer' ? answer.roundTripMs : performance.now() - since;
        for (const listener of listeners) listener.onRequest(kind, ms);
        return answer;
      });
    };
    return {
      read: (request, options) => told('read', request, options),
      write: (request, options) => told('write', request, options),
      traffic: transport.traffic,
      close: graceMs => transport.close(graceMs),
    };
  }

  /** The same locks, which tell how long they are waited for. */
  overLocks(locks: RecordLocks): RecordLocks {
    const { listeners } = this;
    const takeFree = (key: string, options: AcquireOptions): Lease | undefined => {
      const lease = locks.takeFree?.(key, options);
      if (lease !== undefined) for (const listener of listeners) listener.onLock(0, true);
      return lease;
    };
    return {
      takeFree,
      acquire: (key, options) => {
        const acquiring = locks.acquire(key, options);
        if (listeners.size === 0) return acquiring;
        const since = performance.now();
        return acquiring.then(lease => {
          const waitedMs = performance.now() - since;
          for (const listener of listeners) listener.onLock(waitedMs, lease.granted);
          return lease;
        });
      },
      find: (key, token) => locks.find(key, token),
      close: () => {
        locks.close();
      },
    };
  }
}
