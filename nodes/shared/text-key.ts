import type backoffDelay from '../../locales/en-US/backoff-delay.json';
import type bulkUpdate from '../../locales/en-US/bulk-update.json';
import type conditionalUpdate from '../../locales/en-US/conditional-update.json';
import type conflictMonitor from '../../locales/en-US/conflict-monitor.json';
import type conflictSwitch from '../../locales/en-US/conflict-switch.json';
import type conflictsSidebar from '../../locales/en-US/conflicts-sidebar.json';
import type deadLetter from '../../locales/en-US/dead-letter.json';
import type etagFetch from '../../locales/en-US/etag-fetch.json';
import type eventDedupe from '../../locales/en-US/event-dedupe.json';
import type firstFlowTour from '../../locales/en-US/first-flow-tour.json';
import type recordEndpoint from '../../locales/en-US/record-endpoint.json';
import type recordLock from '../../locales/en-US/record-lock.json';
import type recordStore from '../../locales/en-US/record-store.json';
import type shared from '../../locales/en-US/shared.json';
import type transitionGuard from '../../locales/en-US/transition-guard.json';
import type updateQueue from '../../locales/en-US/update-queue.json';

/** The catalogues as the compiler sees them: nothing of them is loaded by this file. */
type Texts =
  | typeof backoffDelay
  | typeof bulkUpdate
  | typeof conditionalUpdate
  | typeof conflictMonitor
  | typeof conflictSwitch
  | typeof conflictsSidebar
  | typeof deadLetter
  | typeof etagFetch
  | typeof eventDedupe
  | typeof firstFlowTour
  | typeof recordEndpoint
  | typeof recordLock
  | typeof recordStore
  | typeof shared
  | typeof transitionGuard
  | typeof updateQueue;

type Form = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';

/** Which plural form is meant, Node-RED finds by the count. */
type Singular<Key extends string> = Key extends `${infer Name}_${Form}` ? Name : Key;

type KeysOf<Group> = {
  [Name in keyof Group & string]: Group[Name] extends string
    ? Singular<Name>
    : `${Name}.${KeysOf<Group[Name]>}`;
}[keyof Group & string];

/** Of a union: the keys of each. */
type Distributed<Group> = Group extends unknown ? KeysOf<Group> : never;

/** A key of the English catalogues, or the code of a sentence of the engine, which has them in other languages only. */
export type TextKey = Distributed<Texts> | `engine.${string}`;

/** What the texts of a group are called, such as `record-store.warn`. */
export type TextName<Group extends string> = Named<TextKey, Group>;

type Named<Key, Group extends string> = Key extends `${Group}.${infer Name}` ? Name : never;

/** What the texts of the status line are called, whichever node has them. */
export type StatusName = TextName<`${string}.status`>;
