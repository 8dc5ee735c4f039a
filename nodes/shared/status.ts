import type { Node, NodeStatusFill, NodeStatusShape } from 'node-red';
import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { NodeAPI } from './node-api';
import { Tally, type Ended } from './tally';
import type { StatusName, TextKey } from './text-key';

/** Milliseconds between two status changes: each one travels to every browser that shows the editor. */
const INTERVAL_MS = 200;

/** A text of the catalogue: a status of the node by its name, or any text by its key. */
type Said = StatusName | TextKey;

/** A key of the catalogue, or what makes the text when it is shown. */
type Text = TextKey | (() => string);

type Numbers = Readonly<Record<string, number | string>>;

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
  private latest: StatusLine['next'];
  private isClosing = false;
  private isOver = false;
  /** The node works on the Practice API: whatever it shows says so. */
  isPractice = false;
  /** Messages that have left by an output which leads nowhere. */
  private unwired = 0;

  constructor(
    private readonly RED: Pick<NodeAPI, '_'>,
    private readonly node: Node,
  ) {
    node.on('close', () => {
      this.isClosing = true;
      clearTimeout(this.timer);
    });
  }

  /** A message has left by an output which leads nowhere: shown from now on, whatever comes after it. */
  countUnwired(): void {
    this.unwired++;
    if (this.latest !== undefined) this.put(this.latest.look, this.latest.text);
  }

  /** Shows nothing more: the place belongs to the next node with this id. */
  end(): void {
    this.clear();
    this.isOver = true;
  }

  working(text: Said): void {
    this.set(WORKING, text);
  }

  waiting(text: Said): void {
    this.set(WAITING, text);
  }

  /** Like `waiting`, with numbers in the text: the editor could not fill them in, so it is in the runtime's language. */
  waitingFor(text: Said, numbers: Numbers): void {
    // Most of these are never seen, and translating is dear.
    this.show(WAITING, () => this.translated(text, numbers));
  }

  /** Like `working`, with a text that is put together when it is shown: in the runtime's language. */
  workingOn(text: () => string): void {
    this.put(WORKING, text);
  }

  /** Like `waiting`, with such a text. */
  waitingOn(text: () => string): void {
    this.put(WAITING, text);
  }

  /** How such work has ended. */
  ended(text: () => string, isDone: boolean): void {
    this.put(isDone ? DONE : NOT_DONE, text);
  }

  /** Like `waitingFor`, for what every message of the node waits for: told beside their counts, too. */
  allWaitFor(text: Said, numbers: Numbers): void {
    const translated = (): string => this.translated(text, numbers);
    if (this.tally.isMany) this.put(WAITING, () => `${this.counts()} · ${translated()}`);
    else this.put(WAITING, translated);
  }

  done(text: Said): void {
    this.set(DONE, text);
  }

  /** Nothing is going on. */
  clear(): void {
    this.next = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.node.status({});
  }

  notDone(text: Said): void {
    this.set(NOT_DONE, text);
  }

  /** Text is a key of the node's catalogue: the editor translates it. */
  private set(look: Look, text: Said): void {
    this.show(look, this.key(text));
  }

  private show(look: Look, text: Text): void {
    if (!this.tally.isMany) this.put(look, text);
    // At the end only the last one of many is shown: there is no time for counts any more.
    else if (!this.isClosing) this.put(WORKING, this.counts);
  }

  private key(text: Said): TextKey {
    const key = text.includes('.') ? text : `${this.node.type}.status.${text}`;
    return key as TextKey;
  }

  /** A text of the node's catalogue, in the runtime's language. */
  translated(text: Said, numbers: Numbers): string {
    return this.RED._(this.key(text), numbers);
  }

  /** Such as `written 312 · waiting 180 · conflicts 4`; in the runtime's language, too. */
  private readonly counts = (): string => {
    const counts = this.tally.counts();
    return counts.map(([name, count]) => this.translated(`count-${name}`, { count })).join(' · ');
  };

  private put(look: Look, text: Text): void {
    if (this.isOver) return;
    this.latest = this.next = { look, text };
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
    this.node.status({ fill, shape, text: this.withRemarks(text) });
  }

  /** A key alone is left to the editor to translate; with remarks it is in the runtime's language. */
  private withRemarks(text: Text): string {
    const { isPractice, unwired, RED } = this;
    if (typeof text === 'string' && !isPractice && unwired === 0) return text;
    const parts = [typeof text === 'string' ? RED._(text) : text()];
    if (isPractice) parts.unshift(RED._('shared.status.practice'));
    if (unwired > 0) parts.push(RED._('shared.status.unwired', { number: unwired }));
    return parts.join(' · ');
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
