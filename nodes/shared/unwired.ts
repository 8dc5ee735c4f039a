import type { Node } from 'node-red';
import type { NodeAPI } from './node-api';
import type { StatusLine } from './status';

/** Node-RED does not declare it: ids of the nodes behind each output. */
interface Wired {
  readonly wires?: readonly (readonly string[])[];
}

/**
 * Whatever ends otherwise than as wanted, and leaves by an output which leads nowhere, would be lost in silence: the
 * next success shows over it. Told once for each outcome, then counted in the status.
 */
export class Unwired {
  private readonly told = new Set<string>();

  constructor(
    private readonly RED: Pick<NodeAPI, '_'>,
    private readonly node: Node,
    private readonly status: StatusLine,
  ) {}

  check(outputs: readonly unknown[], outcome: string): void {
    const { wires = [] } = this.node as Wired;
    const isHeard = outputs.some((msg, output) => msg !== null && (wires[output] ?? []).length > 0);
    if (isHeard) return;
    this.status.countUnwired();
    if (this.told.has(outcome)) return;
    this.told.add(outcome);
    this.node.warn(this.RED._('shared.warn.unwired', { outcome }));
  }
}
