import { fillMissing } from '../shared/editor/defaults';
import { prepareDialog } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import { retryValidators } from '../shared/editor/retry-fields';
import { translator } from '../shared/editor/translate';
import {
  ENDPOINT_DEFAULTS,
  type RecordEndpointConfig,
  type RecordEndpointCredentials,
} from './config';
import { hostOf } from './host.editor';
import { preparePlaceholders } from './placeholders.editor';
import { preparePreset } from './preset.editor';
import { prepareTest } from './test.editor';
import { valid } from './validators.editor';
import { prepareWeekdays } from './weekdays.editor';

const t = translator('record-endpoint');
const retry = retryValidators<EditorNode<RecordEndpointConfig>>(t);

RED.nodes.registerType<RecordEndpointConfig, RecordEndpointCredentials>('record-endpoint', {
  category: 'config',
  color: '#6E9AA8',
  icon: 'record-endpoint.svg',
  defaults: {
    name: { value: '' },
    server: { value: 'practice' },
    practiceLoad: { value: 'peak' },
    family: { value: 'dataverse' },
    baseUrl: { value: '', validate: valid.baseUrl },
    auth: { value: 'none' },
    apiKeyHeader: { value: 'x-api-key', validate: valid.apiKeyHeader },
    tokenUrl: { value: '', validate: valid.tokenUrl },
    clientId: { value: '', validate: valid.clientId },
    scope: { value: '' },
    tls: { value: '', type: 'tls-config', required: false },
    proxy: { value: '', type: 'http proxy', required: false },
    odataVersion: { value: 'v2' },
    crossCompany: { value: true },
    query: { value: '', validate: valid.query },
    versionFrom: { value: 'etag' },
    versionField: { value: '', validate: valid.versionField },
    versionTo: { value: 'header' },
    recordPath: { value: '' },
    keyStyle: { value: 'path' },
    fieldsParameter: { value: '' },
    conflictStatuses: { value: '409, 412', validate: valid.conflictStatuses },
    conflictText: { value: '' },
    createdIsUpdate: { value: false },
    missingMeansNull: { value: false },
    csrf: { value: false },
    cacheHeader: { value: '', validate: valid.cacheHeader },
    unmodifiedSince: { value: false },
    modifiedField: { value: '' },
    idempotencyHeader: { value: '', validate: valid.idempotencyHeader },
    parallel: { value: 50, validate: valid.parallel },
    maxWaiting: { value: 10_000, validate: valid.maxWaiting },
    maxWait: { value: '', validate: valid.maxWait },
    retryBudget: { value: 100, validate: valid.retryBudget },
    retryEarned: { value: 20, validate: valid.retryEarned },
    peak: { value: false },
    peakFrom: { value: '14:00', validate: valid.peakFrom },
    peakTo: { value: '17:00', validate: valid.peakTo },
    peakDays: { value: '1,2,3,4,5', validate: valid.peakDays },
    peakZone: { value: '', validate: valid.peakZone },
    peakConflictRetries: { value: 12, validate: valid.peakConflictRetries },
    peakDeadline: { value: 60, validate: valid.peakDeadline },
    peakWaitFactor: { value: 2, validate: valid.peakWaitFactor },
    maxResponseKb: { value: 1024, validate: valid.maxResponseKb },
    versionLog: { value: false },
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
    fillMissing(this, 'node-config-input', ENDPOINT_DEFAULTS);
    prepareWeekdays();
    prepareDialog(this, 'node-config-input');
    preparePlaceholders();
    preparePreset(t);
    prepareTest(t, this);
  },
});
