import { InputError } from '../../lib/errors';
import {
  describedBy,
  isOptionColumn,
  type Described,
  type DescribeWhat,
} from '../../lib/metadata/described';
import type { RecordField } from '../../lib/metadata/description';
import { describeRequest } from '../../lib/metadata/request';
import { fieldsOfSample } from '../../lib/metadata/sample';
import { hasSucceeded, type Fault } from '../../lib/outcome/answer';
import { isFields, type Fields, type RecordKey } from '../../lib/record/fields';
import { systemTime } from '../../lib/retry/time';
import { fetchRecord } from '../../lib/update/fetch';
import type { Connection } from './connection';
import { checkSettings, type TestedSettings } from './probe-request';

/** Largest description that is read, in KB: those of large services have some ten thousand. */
export const LARGEST_KB = 32 * 1024;

/** Longest that it may take, in milliseconds. */
const DESCRIBE_MS = 30_000;

/** What a dialog asks: of the API as a whole or of a table, or of one record that stands for its kind. */
export type Asked =
  DescribeWhat | { readonly what: 'sample'; readonly collection: string; readonly key: RecordKey };

/** A document as it came, to be parsed in the browser; of a sample the names of its fields only. */
export type Description =
  | { readonly form: Exclude<Described, 'sample'>; readonly text: string }
  | { readonly form: 'sample'; readonly fields: readonly RecordField[] };

/** What is asked, from whoever posted it, and settings that may not be deployed. Throws InputError `REQUEST_INVALID`. */
export function checkAsked(value: unknown): {
  readonly asked: Asked;
  readonly settings: TestedSettings | undefined;
} {
  const body = isFields(value) ? value : {};
  const settings = body.config === undefined ? undefined : checkSettings(body);
  return { asked: askedIn(isFields(body.asked) ? body.asked : {}), settings };
}

function askedIn({ what, table, column, type, collection, key }: Fields): Asked {
  if (what === 'sets') return { what };
  if (what === 'fields' && isText(table)) return { what, table };
  if (what === 'states' && isText(table) && isText(column) && isOptionColumn(type)) {
    return { what, table, column, type };
  }
  if (what === 'sample' && isText(collection) && key !== undefined && key !== null) {
    // Whether it is a key of this API is what `locate` says.
    return { what, collection, key: key as RecordKey };
  }
  throw new InputError('REQUEST_INVALID', 'Say what is to be described. Open the dialog again.');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/**
 * Reads what an API says of its records.
 * @param query of the endpoint
 * Throws InputError `NOT_DESCRIBED` where the API does not say it, or whatever stood in the way, in words.
 */
export function describe(
  connection: Connection,
  asked: Asked,
  query: string,
): Promise<Description> {
  return asked.what === 'sample' ? sampled(connection, asked) : described(connection, asked, query);
}

async function described(
  { family, baseUrl, transport }: Connection,
  asked: DescribeWhat,
  query: string,
): Promise<Description> {
  const form = describedBy(family.id);
  if (form === 'sample') {
    throw new InputError(
      'NOT_DESCRIBED',
      'APIs of this family do not list their records. Type the names, or read the fields of one record.',
    );
  }
  const answer = await transport.read(describeRequest(family.id, baseUrl, asked, query), {
    signal: AbortSignal.timeout(DESCRIBE_MS),
    remainingMs: () => DESCRIBE_MS,
  });
  if (answer.kind === 'fault') throw faultOf(answer);
  if (hasSucceeded(answer)) return { form, text: answer.text };
  const { message } = family.errorOf(answer);
  const words = message === undefined ? '' : `: ${message}`;
  throw new InputError(
    'NOT_DESCRIBED',
    `The API did not describe its records (HTTP ${String(answer.status)})${words}. Type the names, or let the user of the endpoint read the metadata.`,
  );
}

async function sampled(
  { family, baseUrl, transport, policyNow }: Connection,
  { collection, key }: Extract<Asked, { readonly what: 'sample' }>,
): Promise<Description> {
  const read = await fetchRecord(family.locate(baseUrl, collection, key), undefined, {
    family,
    transport,
    policy: { ...policyNow(), deadlineMs: DESCRIBE_MS },
    time: systemTime,
    random: Math.random,
    stop: AbortSignal.timeout(2 * DESCRIBE_MS),
  });
  if ('snapshot' in read) {
    const keys = isFields(key) ? Object.keys(key) : [];
    return { form: 'sample', fields: fieldsOfSample(read.snapshot.values, keys) };
  }
  const { outcome, error } = read.result;
  throw new InputError(
    error?.code ?? 'NOT_DESCRIBED',
    error?.message ?? `The record was not read (${outcome}).`,
  );
}

/** What stood in the way, under a code that the dialogs have words for. */
function faultOf({ code, message }: Fault): InputError {
  return code === 'RESPONSE_TOO_LARGE'
    ? new InputError(
        'DESCRIPTION_TOO_LARGE',
        `The API describes itself in more than ${String(LARGEST_KB / 1024)} MB, which is not read. Type the names.`,
      )
    : new InputError(code, message);
}
