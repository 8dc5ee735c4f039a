import backoffDelay from '../../locales/en-US/backoff-delay.json';
import bulkUpdate from '../../locales/en-US/bulk-update.json';
import conditionalUpdate from '../../locales/en-US/conditional-update.json';
import conflictMonitor from '../../locales/en-US/conflict-monitor.json';
import conflictSwitch from '../../locales/en-US/conflict-switch.json';
import deadLetter from '../../locales/en-US/dead-letter.json';
import etagFetch from '../../locales/en-US/etag-fetch.json';
import eventDedupe from '../../locales/en-US/event-dedupe.json';
import recordEndpoint from '../../locales/en-US/record-endpoint.json';
import recordLock from '../../locales/en-US/record-lock.json';
import recordStore from '../../locales/en-US/record-store.json';
import shared from '../../locales/en-US/shared.json';
import transitionGuard from '../../locales/en-US/transition-guard.json';
import updateQueue from '../../locales/en-US/update-queue.json';
import type { Translate } from './checks';

const TEXTS: object = {
  ...backoffDelay,
  ...bulkUpdate,
  ...conditionalUpdate,
  ...conflictMonitor,
  ...conflictSwitch,
  ...deadLetter,
  ...etagFetch,
  ...eventDedupe,
  ...recordEndpoint,
  ...recordLock,
  ...recordStore,
  ...shared,
  ...transitionGuard,
  ...updateQueue,
};

/**
 * The dialog's own sentence, in English as all errors are: what a Catch node gets is data of the flow, and does not
 * change with the language of whoever is logged in.
 */
export const english: Translate = (key, values = {}) => {
  const text = key.split('.').reduce<unknown>(member, TEXTS);
  return (typeof text === 'string' ? text : key).replace(/__(\w+?)__/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
};

function member(texts: unknown, name: string): unknown {
  return typeof texts === 'object' && texts !== null
    ? (texts as Record<string, unknown>)[name]
    : undefined;
}
