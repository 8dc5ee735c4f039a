import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Fault } from '../outcome/answer';
import { FaultError } from './fault';

type Decode = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** We ask for `identity`, because a compressing intermediary alters ETags; some servers compress all the same. */
const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** What says how a body is to be read. */
export interface BodyForm {
  /** The Content-Encoding header. */
  readonly encoding: string | undefined;
  /** The Content-Type header. */
  readonly type: string | undefined;
  /** The body may be a record, so that no letter of it may be guessed. */
  readonly isExact: boolean;
  /** Bound of the decoded size. */
  readonly maxBytes: number;
}

/**
 * The text of a body.
 * @throws FaultError `RESPONSE_TOO_LARGE` or `RESPONSE_UNREADABLE`
 */
export function readBody(chunks: readonly Buffer[], form: BodyForm): string | Promise<string> {
  const { encoding } = form;
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  const isPlain = encoding === undefined || encoding === 'identity' || body.length === 0;
  return isPlain ? textOf(body, form) : decoded(body, encoding.trim().toLowerCase(), form);
}

/** The answer is larger than the endpoint allows; sent for sure, since an answer came. */
export function tooLarge(maxBytes: number): Fault {
  const message = `The answer is larger than ${String(maxBytes)} bytes. Read fewer fields or raise the limit of the endpoint.`;
  return { kind: 'fault', sent: 'maybe', code: 'RESPONSE_TOO_LARGE', message, fatal: true };
}

async function decoded(body: Buffer, encoding: string, form: BodyForm): Promise<string> {
  const decode = DECODERS[encoding];
  if (decode === undefined) throw new FaultError({ ...COMPRESSED, fatal: true });
  return textOf(await decompressed(body, decode, form.maxBytes), form);
}

async function decompressed(body: Buffer, decode: Decode, maxBytes: number): Promise<Buffer> {
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new FaultError(code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : COMPRESSED);
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

const UTF8 = /^(?:utf-?8|us-ascii)$/i;

/**
 * JSON is UTF-8 (RFC 8259), but not every server keeps to it, and what it names is what it wrote. A letter that is
 * guessed would go back into a record with the next PUT. In an error it is only read by people.
 */
function textOf(body: Buffer, { type, isExact }: BodyForm): string {
  const charset = type === undefined ? undefined : CHARSET.exec(type)?.[1];
  if (charset !== undefined && !UTF8.test(charset)) return inCharset(body, charset, isExact);
  if (isExact && !isUtf8(body) && !isMarkup(body)) throw new FaultError(NOT_UTF8);
  return utf8(body);
}

/** A page for people is no record; its kind says more than its letters. */
function isMarkup(body: Buffer): boolean {
  return /^\s*</.test(body.toString('latin1', 0, 200));
}

function inCharset(body: Buffer, charset: string, isExact: boolean): string {
  try {
    return new TextDecoder(charset, { fatal: isExact }).decode(body);
  } catch {
    if (isExact && !isMarkup(body)) throw new FaultError(NOT_IN_CHARSET);
    return utf8(body);
  }
}

/** A byte order mark would make JSON unreadable. */
function utf8(body: Buffer): string {
  const text = body.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

const UNREADABLE = { kind: 'fault', sent: 'maybe', code: 'RESPONSE_UNREADABLE' } as const;

const COMPRESSED: Fault = {
  ...UNREADABLE,
  message: 'The compressed answer could not be read. Switch compression off for this API.',
  fatal: false,
};

const NOT_UTF8: Fault = {
  ...UNREADABLE,
  message:
    'The answer is not UTF-8 and names no other charset, so its letters cannot be told. Have the API send UTF-8, or name its charset in Content-Type.',
  fatal: true,
};

const NOT_IN_CHARSET: Fault = {
  ...UNREADABLE,
  message:
    'The answer cannot be read in the charset that its Content-Type names. Have the API send UTF-8.',
  fatal: true,
};
