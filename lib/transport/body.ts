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

/**
 * The text of a body.
 * @param encoding the Content-Encoding header
 * @param maxBytes bound of the decoded size
 * @throws FaultError `RESPONSE_TOO_LARGE` or `RESPONSE_UNREADABLE`
 */
export function readBody(
  chunks: readonly Buffer[],
  encoding: string | undefined,
  maxBytes: number,
): string | Promise<string> {
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  const isPlain = encoding === undefined || encoding === 'identity' || body.length === 0;
  return isPlain ? textOf(body) : decoded(body, encoding.trim().toLowerCase(), maxBytes);
}

/** The answer is larger than the endpoint allows; sent for sure, since an answer came. */
export function tooLarge(maxBytes: number): Fault {
  const message = `The answer is larger than ${String(maxBytes)} bytes. Read fewer fields or raise the limit of the endpoint.`;
  return { kind: 'fault', sent: 'maybe', code: 'RESPONSE_TOO_LARGE', message, fatal: true };
}

async function decoded(body: Buffer, encoding: string, maxBytes: number): Promise<string> {
  const decode = DECODERS[encoding];
  if (decode === undefined) throw new FaultError({ ...UNREADABLE, fatal: true });
  try {
    return textOf(await decode(body, { maxOutputLength: maxBytes }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new FaultError(code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : UNREADABLE);
  }
}

/** JSON is UTF-8 (RFC 8259); a byte order mark would make it unreadable. */
function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

const UNREADABLE: Fault = {
  kind: 'fault',
  sent: 'maybe',
  code: 'RESPONSE_UNREADABLE',
  message: 'The compressed answer could not be read. Switch compression off for this API.',
  fatal: false,
};
