import { withValueAtPath } from '../../lib/api/body-path';
import { createFamily } from '../../lib/api/families';
import type { ApiFamily, UpdateMethod, WritePlan } from '../../lib/api/family';
import { asStoredText } from '../../lib/api/rest/record-in';
import { versionPaths, type ApiSettings } from '../../lib/api/settings';
import type { Answer } from '../../lib/outcome/answer';
import { isFields, type Fields, type RecordKey } from '../../lib/record/fields';
import { parseExact, parseJson, stringifyExact } from '../../lib/record/json';
import { InputError } from '../../lib/errors';
import { withOwnHeaders } from '../../lib/transport/headers';
import type { WireRequest } from '../../lib/transport/transport';
import { headerLines, type Translate } from '../shared/checks';
import { readApiSettings } from './api-settings';
import type { RecordEndpointConfig } from './config';

/** What somebody types to see what would be sent. */
export interface Example {
  readonly collection: string;
  /** Text, or JSON of an object for a key of several fields. */
  readonly key: string;
  readonly method: UpdateMethod;
  readonly force: boolean;
  /** JSON of an object. */
  readonly changes: string;
  /** Body of an answer to a read; empty: one that fits the settings. */
  readonly answer: string;
  /** The header of it that shows the version. */
  readonly etag: string;
}

export interface Preview {
  readonly read: WireRequest;
  readonly write: WireRequest;
}

/** A base URL that is not known yet, or stands in a variable. */
const UNKNOWN_BASE = 'https://api.example.com';

/**
 * The requests of one update, made by what makes them when it runs. Sign-in, cookies and CSRF tokens come later, in the
 * transport: there is no secret in them. Throws InputError for what a message would be refused for, too.
 */
export function previewOf(t: Translate, config: RecordEndpointConfig, example: Example): Preview {
  const settings = readApiSettings(t, config);
  const family = createFamily(config.family, settings);
  const ref = family.locate(baseUrlOf(config), example.collection, keyOf(example.key));
  const changes = changesOf(example.changes);
  const answer = answerOf(settings, example);
  const cleaned = family.cleanChanges(changes);
  const plan: WritePlan = {
    ref,
    method: example.method,
    changes: cleaned,
    types: family.typesIn(changes),
    read: answer,
    precondition: preconditionOf(family, answer, example),
  };
  const own = Object.fromEntries(headerLines(config.headers));
  const sent = (request: WireRequest): WireRequest => ({
    ...request,
    headers: withOwnHeaders(request.headers, own),
  });
  checkMethod(family, example);
  return {
    read: sent(
      family.readRequest(
        ref,
        Object.keys(cleaned).map(name => family.readName(name)),
      ),
    ),
    write: sent(family.writeRequest(plan)),
  };
}

function baseUrlOf({ server, baseUrl }: RecordEndpointConfig): string {
  const isKnown = server !== 'practice' && /^https?:\/\/[^\s${}]+$/i.test(baseUrl.trim());
  return isKnown ? baseUrl.trim() : UNKNOWN_BASE;
}

function keyOf(text: string): RecordKey {
  if (!text.trim().startsWith('{')) return text;
  const key = parseJson(text);
  if (isFields(key)) return key as RecordKey;
  throw new InputError(
    'KEY_INVALID',
    'The record key is not usable: Key begins like JSON and is none. Give text, or an object such as {"Plant": "P1", "Order": 7}.',
  );
}

function changesOf(text: string): Fields {
  try {
    const changes = parseExact(text);
    if (isFields(changes)) return changes;
  } catch {
    // Said below.
  }
  throw new InputError(
    'CHANGES_INVALID',
    'The changes are no JSON object. Give one such as {"status": "Done"}.',
  );
}

/** As the API might answer a read: what was typed, else a record that shows its version where the settings say. */
function answerOf(settings: ApiSettings, { answer, etag }: Example): Answer {
  const text = answer.trim() === '' ? sampleText(settings) : answer;
  const name = settings.exchange.version.header.toLowerCase();
  const version = etag.trim() === '' ? '"v7"' : etag.trim();
  return {
    kind: 'answer',
    status: 200,
    headers: {
      [name === '' ? 'etag' : name]: version,
      'last-modified': 'Sun, 08 Feb 2026 10:00:00 GMT',
    },
    text,
    json: parseJson(text),
    roundTripMs: 0,
  };
}

const SAMPLE_RECORD: Fields = { id: 'A-1', status: 'New' };

/** The body of such an answer. */
export function sampleText(settings: ApiSettings): string {
  const { recordPath, modifiedField, versionFrom, exchange } = settings;
  const { record: form } = exchange.read;
  const isText = form !== 'object';
  const record = isText ? asStoredText(JSON.stringify(SAMPLE_RECORD), form) : SAMPLE_RECORD;
  const isBare = recordPath === '' && !isText;
  let body = isBare ? SAMPLE_RECORD : withValueAtPath({}, recordPath, record);
  if (versionFrom === 'field') {
    const paths = [...versionPaths(settings).slice(0, 1), ...exchange.version.more];
    paths.forEach((path, at) => (body = withValueAtPath(body, path, at === 0 ? 7 : at)));
  }
  if (modifiedField !== '') {
    const path = recordPath === '' || isText ? modifiedField : `${recordPath}.${modifiedField}`;
    body = withValueAtPath(body, path, '2026-02-08T10:00:00Z');
  }
  return stringifyExact(body);
}

function preconditionOf(
  family: ApiFamily,
  answer: Answer,
  { force }: Example,
): WritePlan['precondition'] {
  if (force) return 'any';
  const version = family.versionOf(answer);
  if (version === undefined) {
    const fix = family.versionFault(answer) ?? family.noVersionFix;
    throw new InputError('NO_VERSION', `The answer shows no version that could go back. ${fix}`);
  }
  const modifiedAt = family.modifiedAtOf?.(answer);
  return modifiedAt === undefined ? { version } : { version, modifiedAt };
}

function checkMethod({ methods, label }: ApiFamily, { method }: Example): void {
  if (methods.includes(method)) return;
  throw new InputError(
    'METHOD_UNSUPPORTED',
    `${label} does not take ${method} for an update. Set Method to ${methods.join(' or ')}.`,
  );
}
