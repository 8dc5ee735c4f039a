import type { Node, NodeDef } from 'node-red';
import { InputError } from '../../lib/errors';
import { outcomeOfHttpMessage } from '../../lib/outcome/http-message';
import { DONE_OUTCOMES, OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { NodeAPI } from '../shared/node-api';
import { onInput } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { complete, faultIn } from '../shared/saved';
import { showOutcome, StatusLine } from '../shared/status';
import { SWITCH_FIELDS, type ConflictSwitchConfig, type SwitchRow } from './config';

export default function (RED: NodeAPI): void {
  function ConflictSwitch(this: Node, saved: NodeDef & ConflictSwitchConfig): void {
    RED.nodes.createNode(this, saved);
    const config = complete(SWITCH_FIELDS, saved);

    const status = new StatusLine(RED, this);
    const fault = faultIn(SWITCH_FIELDS, saved);
    onInput(RED, this, { status, fault }, scope => {
      const outcome = judged(scope, config);
      const index = config.rows.findIndex(row => takes(row, outcome));
      const outputs = config.rows.map((_, row) => (row === index ? scope.msg : null));
      scope.send(outputs, DONE_OUTCOMES.includes(outcome) ? undefined : outcome);
    });
  }

  RED.nodes.registerType('conflict-switch', ConflictSwitch);
}

/** The outcome, shown; a fault is shown too. */
function judged(scope: Scope, config: ConflictSwitchConfig): Outcome {
  try {
    const outcome = outcomeOf(scope, config);
    showOutcome(scope.status, outcome);
    return outcome;
  } catch (error) {
    scope.status.notDone('error');
    throw error;
  }
}

/** A result that this node made itself from an http answer names the status it was made from. */
interface Judged {
  readonly outcome?: unknown;
  readonly statusCode?: unknown;
}

function takes(row: SwitchRow, outcome: Outcome): boolean {
  return row.otherwise || row.outcomes.includes(outcome);
}

/** The outcome in the message; for an answer of the core http request node, what its status means. */
function outcomeOf(scope: Scope, config: ConflictSwitchConfig): Outcome {
  const before = scope.get(config.result) as Judged | undefined;
  const known = OUTCOMES.find(outcome => outcome === before?.outcome);
  // In a loop around an http request node the judgement of the pass before is still there: judge anew.
  if (known !== undefined && before?.statusCode === undefined) return known;
  const answered = outcomeOfHttpMessage(scope.msg, Date.now());
  if (answered === undefined) throw nothingToJudge(config.result, before?.outcome);
  const result: Judged = { ...answered, statusCode: scope.msg.statusCode };
  scope.set(config.result, result);
  return answered.outcome;
}

function nothingToJudge(path: string, known: unknown): InputError {
  const found = known === undefined ? 'is not there' : `is ${JSON.stringify(known)}`;
  return new InputError(
    'OUTCOME_MISSING',
    `msg.${path}.outcome ${found} and there is no msg.statusCode. Wire this node behind conditional-update, etag-fetch, record-lock or an http request node.`,
  );
}
