import type { Node, NodeAPI, NodeStatusFill, NodeStatusShape } from 'node-red';
import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import { Tally, type Ended } from './tally';

/** Milliseconds between two status changes: each one travels to every browser that shows the editor. */
const INTERVAL_MS = 200;

/** A key of the catalogue, or what makes the text when it is shown. */
type Text = string | (() => string);

type Numbers = Readonly<Record<string, number>>;

type Look = readonly [NodeStatusFill, NodeStatusShape];

const WORKING: Look = ['blue', 'dot'];
const WAITING: Look = ['yellow', 'ring'];
const DONE: Look = ['green', 'dot'];
const NOT_DONE: Look = ['red', 'ring'];

/**
 * Shows what a node is doing. The latest status wins; intermediate ones may be left out. While many messages are under
 * way it shows their counts instead, until the last one has ended.
 */
export class StatusLine {
  /** Messages of a node that counts them. */
  readonly tally = new Tally();
  private shownAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private next: { look: Look; text: Text } | undefined;
  private isClosing = false;

  constructor(
    private readonly RED: Pick<NodeAPI, '_'>,
    private readonly node: Node,
  ) {
    node.on('close', (done: () => void) => {
      this.isClosing = true;
      clearTimeout(this.timer);
      done();
    });
  }

  working(text: string): void {
    this.set(WORKING, text);
  }

  waiting(text: string): void {
    this.set(WAITING, text);
  }

  /** Like `waiting`, with numbers in the text: the editor could not fill them in, so it is in the runtime's language. */
  waitingFor(text: string, numbers: Numbers): void {
    // Most of these are never seen, and translating is dear.
    this.show(WAITING, () => this.translated(text, numbers));
  }

  /** Like `waitingFor`, for what every message of the node waits for: told beside their counts, too. */
  allWaitFor(text: string, numbers: Numbers): void {
    const translated = (): string => this.translated(text, numbers);
    if (this.tally.isMany) this.put(WAITING, () => `${this.counts()} · ${translated()}`);
    else this.put(WAITING, translated);
  }

  done(text: string): void {
    this.set(DONE, text);
  }

  /** Nothing is going on. */
  clear(): void {
    this.next = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.node.status({});
  }

  notDone(text: string): void {
    this.set(NOT_DONE, text);
  }

  /** Text is a key of the node's catalogue: the editor translates it. */
  private set(look: Look, text: string): void {
    this.show(look, this.key(text));
  }

  private show(look: Look, text: Text): void {
    if (!this.tally.isMany) this.put(look, text);
    // At the end only the last one of many is shown: there is no time for counts any more.
    else if (!this.isClosing) this.put(WORKING, this.counts);
  }

  private key(text: string): string {
    return `${this.node.type}.status.${text}`;
  }

  private translated(text: string, numbers: Numbers): string {
    return this.RED._(this.key(text), numbers);
  }

  /** Such as `written 312 · waiting 180 · conflicts 4`; in the runtime's language, too. */
  private readonly counts = (): string => {
    const counts = this.tally.counts();
    return counts.map(([name, count]) => this.translated(`count-${name}`, { count })).join(' · ');
  };

  private put(look: Look, text: Text): void {
    this.next = { look, text };
    // A timer could outlive the node and show over the next one with its id.
    const waitMs = this.isClosing ? 0 : this.shownAt + INTERVAL_MS - Date.now();
    if (this.timer !== undefined && !this.isClosing) return;
    if (waitMs <= 0) this.flush();
    else
      this.timer = setTimeout(() => {
        this.flush();
      }, waitMs);
  }

  private flush(): void {
    this.timer = undefined;
    if (this.next === undefined) return;
    const { look, text } = this.next;
    this.next = undefined;
    this.shownAt = Date.now();
    const [fill, shape] = look;
    this.node.status({ fill, shape, text: typeof text === 'string' ? text : text() });
  }
}

/** How an outcome is counted. */
export function endedAs(outcome: Outcome): Ended {
  if (DONE_OUTCOMES.includes(outcome)) return 'done';
  return outcome === 'conflict' || outcome === 'retry' ? outcome : 'other';
}

export function showOutcome(line: StatusLine, outcome: Outcome): void {
  if (DONE_OUTCOMES.includes(outcome)) line.done(outcome);
  else if (outcome === 'retry') line.waiting(outcome);
  else line.notDone(outcome);
}
