import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Node } from 'node-red';
import type { Instruments, Sources } from '../../lib/monitor/metrics/instruments';
import { createOpenTelemetryMeter } from '../../lib/monitor/metrics/open-telemetry';
import { createPrometheusPage, type PrometheusPage } from '../../lib/monitor/metrics/prometheus';
import {
  deployedEndpoints,
  endpointName,
  type EndpointListener,
  type RecordEndpointNode,
} from '../record-endpoint/lookup';
import { afterDeploy } from '../shared/deploys';
import type { NodeAPI } from '../shared/node-api';
import { sourcesOf } from './sources';

/** What a node wants. */
interface Wish {
  readonly prometheus: boolean;
  readonly openTelemetry: boolean;
  /** Empty: whoever reads the page has to sign in. */
  readonly scrapeToken: string;
}

type Exported = 'prometheus' | 'openTelemetry';

/** Where the page is, below the admin root. */
const PAGE = '/record-updates/metrics';

/**
 * The numbers of all endpoints, for whichever nodes want them. What is registered is registered once, however often flows
 * are deployed; while no node wants it, nothing is counted.
 */
export class Metrics {
  private readonly wishes = new Map<object, Wish>();
  private readonly heard = new Map<RecordEndpointNode, () => void>();
  private page: Promise<PrometheusPage> | undefined;
  private meter: Promise<Instruments> | undefined;
  /** Those that are there, and wanted. */
  private readonly instruments = new Map<Exported, Instruments>();

  private readonly sources: Sources;

  constructor(private readonly RED: NodeAPI) {
    const { deadLetters, queues } = sourcesOf(RED);
    // An SDK goes on asking what it was told of once.
    this.sources = {
      queues: async () => (this.wishes.size === 0 ? [] : queues()),
      deadLetters: async () => (this.wishes.size === 0 ? [] : deadLetters()),
    };
    const mayRead = RED.auth.needsPermission('record-updates.read');
    // The token is known of deployed nodes, too.
    RED.httpAdmin.get(PAGE, afterDeploy(RED), this.allowing(mayRead), (_, response) => {
      void this.answer(response);
    });
  }

  /** Until the returned function is called. */
  use(node: Node, wish: Wish): () => void {
    // An endpoint may be deployed anew, and this node not.
    if (this.wishes.size === 0) this.RED.events.on('flows:started', this.listen);
    this.wishes.set(node, wish);
    const failed = (error: unknown): void => {
      node.error(error instanceof Error ? error.message : String(error));
    };
    this.settle().catch(failed);
    this.listen();
    return () => {
      this.wishes.delete(node);
      if (this.wishes.size === 0) this.RED.events.off('flows:started', this.listen);
      this.settle().catch(failed);
      this.listen();
    };
  }

  /** Loads what is wanted, and lets go of what is not. What cannot be loaded is tried anew at the next deploy. */
  private async settle(): Promise<void> {
    await Promise.all([
      this.load('prometheus', () => (this.page ??= createPrometheusPage(this.sources))),
      this.load('openTelemetry', () => (this.meter ??= createOpenTelemetryMeter(this.sources))),
    ]);
  }

  private isWanted(name: Exported): boolean {
    return [...this.wishes.values()].some(wish => wish[name]);
  }

  private async load(name: Exported, create: () => Promise<Instruments>): Promise<void> {
    if (!this.isWanted(name)) {
      this.instruments.delete(name);
      return;
    }
    try {
      const instruments = await create();
      // It may be wanted no more.
      if (this.isWanted(name)) this.instruments.set(name, instruments);
    } catch (error) {
      if (name === 'prometheus') this.page = undefined;
      else this.meter = undefined;
      throw error;
    }
  }

  private readonly listen = (): void => {
    const wanted = this.isWanted('prometheus') || this.isWanted('openTelemetry');
    const deployed = new Set(wanted ? deployedEndpoints(this.RED) : []);
    for (const [node, leave] of this.heard) {
      if (deployed.has(node)) continue;
      leave();
      this.heard.delete(node);
    }
    for (const node of deployed) {
      if (!this.heard.has(node)) this.heard.set(node, node.listen(this.listenerOf(node)));
    }
  };

  private listenerOf(node: RecordEndpointNode): EndpointListener {
    const labels = { endpoint: endpointName(node), family: node.config.family };
    const each = (tell: (instruments: Instruments) => void): void => {
      for (const instruments of this.instruments.values()) tell(instruments);
    };
    return {
      onEnded: ended => {
        each(one => {
          one.ended(labels, ended);
        });
      },
      onRequest: (kind, ms) => {
        each(one => {
          one.requested(labels, kind, ms);
        });
      },
      onLock: (ms, isGranted) => {
        each(one => {
          one.locked(labels, isGranted, ms);
        });
      },
    };
  }

  /** Whoever knows the token, or may read. */
  private allowing(mayRead: (...args: [Request, Response, NextFunction]) => void) {
    return (request: Request, response: Response, next: NextFunction): void => {
      const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const tokens = [...this.wishes.values()].map(wish => wish.scrapeToken);
      if (tokens.some(token => token !== '' && isSame(token, given))) next();
      else mayRead(request, response, next);
    };
  }

  private async answer(response: Response): Promise<void> {
    try {
      const page = this.isWanted('prometheus') ? await this.page : undefined;
      if (page === undefined) {
        response.status(404).type('text').send('No conflict-monitor node offers these numbers.\n');
        return;
      }
      response.setHeader('content-type', page.contentType);
      response.send(await page.text());
    } catch (error) {
      this.RED.log.error(`conflict-monitor: ${String(error)}`);
      response.status(500).type('text').send('The numbers could not be read.\n');
    }
  }
}

/** Takes equally long whatever is wrong. */
function isSame(token: string, given: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(token), hash(given));
}
