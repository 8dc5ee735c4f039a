import { currentValue, prepareDialog } from '../shared/editor/dialog';
import type { EditorNode, Validate } from '../shared/editor/red';
import { retryValidators } from '../shared/editor/retry-fields';
import { translator } from '../shared/editor/translate';
import { number, numbers, text, url, when } from '../shared/editor/validate';
import type { RecordEndpointConfig, RecordEndpointCredentials } from './config';
import { hostOf } from './host.editor';
import { prepareTest } from './test.editor';

type Node = EditorNode<RecordEndpointConfig>;

const t = translator('record-endpoint');
const retry = retryValidators<Node>(t);

function ownServer(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'server') === 'url', validate);
}

function signIn(auth: RecordEndpointConfig['auth'], validate: Validate<Node>): Validate<Node> {
  return ownServer(when(node => currentValue(node, 'auth') === auth, validate));
}

function rest(validate: Validate<Node>): Validate<Node> {
  return when(node => currentValue(node, 'family') === 'rest', validate);
}

RED.nodes.registerType<RecordEndpointConfig, RecordEndpointCredentials>('record-endpoint', {
  category: 'config',
  color: '#6E9AA8',
  icon: 'record-endpoint.svg',
  defaults: {
    name: { value: '' },
    server: { value: 'practice' },
    practiceLoad: { value: 'peak' },
    family: { value: 'dataverse' },
    baseUrl: { value: '', validate: ownServer(url(t, 'record-endpoint.label.base-url')) },
    auth: { value: 'none' },
    apiKeyHeader: {
      value: 'x-api-key',
      validate: signIn('api-key', text(t, 'record-endpoint.label.api-key-header')),
    },
    tokenUrl: {
      value: '',
      validate: signIn('oauth2', url(t, 'record-endpoint.label.token-url')),
    },
    clientId: {
      value: '',
      validate: signIn('oauth2', text(t, 'record-endpoint.label.client-id')),
    },
    scope: { value: '' },
    tls: { value: '', type: 'tls-config', required: false },
    proxy: { value: '', type: 'http proxy', required: false },
    versionFrom: { value: 'etag' },
    versionField: {
      value: '',
      validate: rest(
        when(
          node => currentValue(node, 'versionFrom') === 'field',
          text(t, 'record-endpoint.label.version-field'),
        ),
      ),
    },
    versionTo: { value: 'header' },
    recordPath: { value: '' },
    conflictStatuses: {
      value: '409, 412',
      validate: rest(
        numbers(t, 'record-endpoint.label.conflict-statuses', { min: 400, max: 499, whole: true }),
      ),
    },
    missingMeansNull: { value: false },
    maxResponseKb: {
      value: 1024,
      validate: number(t, 'record-endpoint.label.max-response', {
        min: 1,
        max: 1_000_000,
        whole: true,
      }),
    },
    conflictRetries: { value: 8, validate: retry.conflictRetries },
    transientRetries: { value: 4, validate: retry.transientRetries },
    deadline: { value: 30, validate: retry.deadline },
    timeout: { value: 10, validate: retry.timeout },
    schedule: { value: 'exponential' },
    base: { value: '', validate: retry.base },
    factor: { value: 2, validate: retry.factor },
    cap: { value: 2, validate: retry.cap },
    waits: { value: '0.5, 1.5, 4', validate: retry.waits },
    jitter: { value: 'full' },
    jitterPercent: { value: 10, validate: retry.jitterPercent },
    firstAtOnce: { value: true },
  },
  credentials: {
    user: { type: 'text' },
    password: { type: 'password' },
    token: { type: 'password' },
    apiKey: { type: 'password' },
    clientSecret: { type: 'password' },
  },
  paletteLabel: 'record-endpoint',
  label() {
    if (this.name) return this.name;
    if (this.server === 'practice') return t('record-endpoint.label.practice');
    return hostOf(this.baseUrl) ?? 'record-endpoint';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    prepareDialog(this, 'node-config-input');
    prepareTest(t, this);
  },
});
