import { InputError, StopError } from '../../lib/errors';
import { isFields } from '../../lib/record/fields';
import { endpointOf, keyIn, locate } from '../record-endpoint/lookup';
import type { Message, Scope } from '../shared/scope';
import { settingsOf } from '../shared/settings';
import type { StatusLine } from '../shared/status';
import { createRules, type Rules } from '../shared/update-rules';
import { Collector, itemsOf, stopped, type Belonging, type Waiting } from './collector';
import { BULK_FIELDS, type BulkUpdateConfig } from './config';
import { requestFor } from './members';
import { MessageOutlet } from './message-outlet';
import type { Notices } from './notices';
import { Queue } from './queue';
import { runUpdates } from './run';

/** Each message is an update, and waits for others. One run after the other. */
export class MessageInput {
  private readonly rules: (scope: Scope) => Rules;
  /** What a message says may take time to be evaluated; the messages stay in their order. */
  private readonly readings = new Queue();
  private readonly runs = new Queue();
  private made: Collector | undefined;

  constructor(
    private readonly config: BulkUpdateConfig,
    private readonly status: StatusLine,
    private readonly notices: Notices,
  ) {
    this.rules = createRules(config);
  }

  /** Resolves when the message has been passed on, or has asked for the others to be. */
  readonly take = async (scope: Scope): Promise<void> => {
    const { msg } = scope;
    const isLast = Object.hasOwn(msg, 'complete');
    const id = this.idOf(msg);
    const made = await this.readings.add(() => this.read(scope, isLast));
    if (isLast) Reflect.deleteProperty(msg, 'complete');
    const passedOn =
      made === undefined ? undefined : this.collector.add(scope, made, this.belongingOf(msg));
    if (isLast) this.collector.release(id);
    await passedOn;
  };

  /** Made with the first message, so that a fault of the dialog is the message's. Throws InputError. */
  private get collector(): Collector {
    const { config, status } = this;
    const ms = (): number => settingsOf(BULK_FIELDS, config).ms('collectTime');
    return (this.made ??= new Collector(
      config.input === 'messages' ? ms() : undefined,
      waiting => void this.runs.add(() => this.run(waiting)),
      count => {
        status.waitingFor('bulk-update.status.collected', { count });
      },
    ));
  }

  /**
   * What the message says; undefined: no more than that the others are all. What is wrong with it is its own affair, as
   * at conditional-update: throws InputError.
   */
  private async read(
    scope: Scope,
    isLast: boolean,
  ): Promise<Pick<Waiting, 'item' | 'face'> | undefined> {
    const { config } = this;
    const { changes: value, changesType: type } = config;
    const code = 'CHANGES_INVALID';
    const changes = await scope.evaluateExact({ value, type, label: 'Changes', code });
    const isBare = isLast && changes === undefined && (await keyIn(scope, config)) === undefined;
    if (isBare) return undefined;
    const connection = await endpointOf(scope, config.endpoint).connect();
    const ref = await locate(scope, config, connection);
    const snapshot = scope.get(config.record);
    const item = { ref, changes, snapshot, guard: scope.get(config.guard) };
    const { family } = connection;
    requestFor([item], { family, rules: this.rules(scope), method: config.method });
    return { item, face: { key: ref.key, changes } };
  }

  private idOf({ parts }: Message): string | undefined {
    if (this.config.input === 'messages') return '';
    const id: unknown = isFields(parts) ? parts.id : undefined;
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  }

  private belongingOf(msg: Message): Belonging {
    const { config } = this;
    const id = this.idOf(msg);
    if (id === undefined) throw noPart();
    if (config.input === 'messages') {
      return { id, place: 0, count: settingsOf(BULK_FIELDS, config).number('collectCount') };
    }
    const { index, count } = msg.parts as { readonly index?: unknown; readonly count?: unknown };
    return {
      id,
      place: typeof index === 'number' ? index : 0,
      count: typeof count === 'number' ? count : undefined,
    };
  }

  /** Never rejects: each message ends by itself. */
  private async run(waiting: readonly Waiting[]): Promise<void> {
    const { config } = this;
    const scopes = waiting.map(({ scope }) => scope);
    try {
      const [scope] = scopes;
      if (scope === undefined) return;
      const endpoint = endpointOf(scope, config.endpoint);
      this.notices.about(endpoint);
      const connection = await endpoint.connect();
      const outlet = new MessageOutlet(waiting, config);
      const rules = this.rules(scope);
      const items = itemsOf(waiting);
      const { notify } = this.notices;
      await runUpdates(scope, config, {
        endpoint,
        connection,
        rules,
        items,
        outlet,
        scopes,
        notify,
      });
    } catch (error) {
      // Those that are over have ended already, and those that were under way.
      for (const one of waiting) {
        one.end(() => {
          if (error instanceof StopError) stopped(one);
          throw error;
        });
      }
    }
  }
}

function noPart(): InputError {
  return new InputError(
    'PARTS_MISSING',
    'The message is no part of a sequence: it has no msg.parts.id, as the split node sets it. Choose another Input in the dialog, or put a split node before this node.',
  );
}
