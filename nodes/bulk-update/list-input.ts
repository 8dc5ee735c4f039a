import { StopError } from '../../lib/errors';
import { collectionOf, endpointOf } from '../record-endpoint/lookup';
import type { Scope } from '../shared/scope';
import { createRules, type Rules } from '../shared/update-rules';
import type { BulkUpdateConfig } from './config';
import { listIn, listItems } from './items';
import { ArrayOutlet, EachOutlet, restOf } from './list-outlets';
import type { Notices } from './notices';
import { Queue } from './queue';
import { runUpdates } from './run';

/** Each message brings a list. One list after the other. */
export class ListInput {
  private readonly rules: (scope: Scope) => Rules;
  private readonly runs = new Queue();

  constructor(
    private readonly config: BulkUpdateConfig,
    private readonly notices: Notices,
  ) {
    this.rules = createRules(config);
  }

  /** Resolves when all records of the list are over. */
  readonly take = (scope: Scope): Promise<void> => this.runs.add(() => this.run(scope));

  private async run(scope: Scope): Promise<void> {
    const { config } = this;
    if (scope.stop.aborted) throw stoppedBefore();
    const list = await listIn(scope, config);
    const endpoint = endpointOf(scope, config.endpoint);
    this.notices.about(endpoint);
    const connection = await endpoint.connect();
    const collection = await collectionOf(scope, config);
    const items = listItems(list, config, { connection, collection, scope });
    const source = { rest: restOf(scope, config), items, config };
    const outlet = config.output === 'array' ? new ArrayOutlet(source) : new EachOutlet(source);
    const rules = this.rules(scope);
    const scopes = [scope];
    const { notify } = this.notices;
    await runUpdates(scope, config, { endpoint, connection, rules, items, outlet, scopes, notify });
  }
}

function stoppedBefore(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the list had its turn.');
}
