import {
  checkDays,
  checkHeaderName,
  checkQuery,
  checkTime,
  checkTimeZone,
  type Check,
  type Range,
} from '../shared/editor/checks';
import { since } from '../shared/editor/defaults';
import { currentValue } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { translator } from '../shared/editor/translate';
import { checked, number, numbers, text, url, when } from '../shared/editor/validate';
import type { RecordEndpointConfig } from './config';

type Node = EditorNode<RecordEndpointConfig>;

const t = translator('record-endpoint');

const DAY_SECONDS = 86_400;

/** Validators of everything that the sign-in and the retry fields do not cover; what is hidden is not checked. */
export const valid = {
  baseUrl: ownServer(url(t, 'record-endpoint.label.base-url')),
  apiKeyHeader: signIn('api-key', text(t, 'record-endpoint.label.api-key-header')),
  tokenUrl: signIn('oauth2', url(t, 'record-endpoint.label.token-url')),
  clientId: signIn('oauth2', text(t, 'record-endpoint.label.client-id')),
  versionField: rest(
    when(
      node => currentValue(node, 'versionFrom') === 'field',
      text(t, 'record-endpoint.label.version-field'),
    ),
  ),
  conflictStatuses: rest(
    numbers(t, 'record-endpoint.label.conflict-statuses', { min: 400, max: 499, whole: true }),
  ),
  maxResponseKb: number<Node>(t, 'record-endpoint.label.max-response', {
    min: 1,
    max: 1_000_000,
    whole: true,
  }),
  query: one('record-endpoint.label.query', checkQuery),
  cacheHeader: rest(one('record-endpoint.label.cache-header', checkHeaderName)),
  idempotencyHeader: one('record-endpoint.label.idempotency-header', checkHeaderName),
  parallel: num('record-endpoint.label.parallel', { min: 1, max: 1000, whole: true }),
  maxWaiting: num('record-endpoint.label.max-waiting', { min: 0, max: 1_000_000, whole: true }),
  maxWait: num('record-endpoint.label.max-wait', { min: 0.1, max: 86_400 }),
  retryBudget: num('record-endpoint.label.retry-budget', {
    min: 1,
    max: 1_000_000,
    whole: true,
    blank: true,
  }),
  retryEarned: num('record-endpoint.label.retry-earned', { min: 0, max: 100 }),
  peakFrom: peak(one('record-endpoint.label.peak-from', checkTime)),
  peakTo: peak(one('record-endpoint.label.peak-to', checkTime)),
  peakDays: peak(one('record-endpoint.label.peak-days', checkDays)),
  peakZone: peak(one('record-endpoint.label.peak-zone', checkTimeZone)),
  peakConflictRetries: peak(
    num('record-endpoint.label.peak-conflict-retries', { min: 0, max: 1000, whole: true }),
  ),
  peakDeadline: peak(num('record-endpoint.label.peak-deadline', { min: 0.1, max: DAY_SECONDS })),
  peakWaitFactor: peak(num('record-endpoint.label.peak-wait-factor', { min: 0.1, max: 100 })),
};

function one(label: string, check: Check): Validate<Node> {
  return since(checked(t, label, check));
}

function num(label: string, range: Range): Validate<Node> {
  return since(number(t, label, range));
}

function ownServer(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'server') === 'url', validate);
}

function signIn(auth: RecordEndpointConfig['auth'], validate: Validate<Node>): Validate<Node> {
  return ownServer(when(node => currentValue(node, 'auth') === auth, validate));
}

function rest(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'family') === 'rest', validate);
}

function peak(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'peak') === true, validate);
}
