import type { Duplex } from 'node:stream';

/** An interim answer is a head and nothing else (RFC 9110 section 15.2); 101 ends HTTP and is none. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[^\d]/;

/** As much as it takes to tell: `HTTP/1.1 100 `. */
const TELLING = 13;

/** Where the first digit of the status stands: most heads are none of an interim answer by it alone. */
const STATUS_AT = 9;

const ONE = 0x31;

const HEAD_END = '\r\n\r\n';

/** A longer head is left to the HTTP client, which refuses it. */
const MOST_BYTES = 65_536;

type Write = (...args: Parameters<Duplex['write']>) => boolean;

/**
 * Takes interim answers out of what a connection receives. A client has to pass over those that it did not ask for
 * (RFC 9110 section 15.2), and undici ends the connection at a `100 Continue`. One can only stand where an answer begins:
 * after something was sent and before the rest of its answer came. The connection must have one request at a time.
 */
export function passOverInterim(socket: Duplex): void {
  // Every request and every answer comes by here: no list of arguments, and no buffer for nothing.
  const read = socket.read.bind(socket);
  const write: Write = socket.write.bind(socket);
  let begins = true;
  let held: Buffer | undefined;
  /** What is left to hand on; undefined: more is needed to tell. */
  const withoutInterim = (chunk: Buffer): Buffer | undefined => {
    let rest = held === undefined ? chunk : Buffer.concat([held, chunk]);
    held = undefined;
    for (;;) {
      const end = endOfInterim(rest);
      if (end === 'unclear') {
        held = rest;
        return undefined;
      }
      if (end === 0) {
        begins = false;
        return rest;
      }
      rest = rest.subarray(end);
    }
  };
  socket.read = size => {
    for (;;) {
      const chunk = read(size) as Buffer | null;
      if (chunk === null || !begins) return chunk;
      const left = withoutInterim(chunk);
      if (left !== undefined) return left;
    }
  };
  socket.write = ((chunk, encoding, callback) => {
    begins = true;
    return write(chunk, encoding, callback);
  }) as Write as Duplex['write'];
}

/** Where the interim answer ends that the bytes begin with; 0: they begin with none. */
function endOfInterim(bytes: Buffer): number | 'unclear' {
  if (bytes.length >= TELLING && bytes[STATUS_AT] !== ONE) return 0;
  const start = bytes.toString('latin1', 0, TELLING);
  if (start.length < TELLING) return 'HTTP/1.'.startsWith(start.slice(0, 7)) ? 'unclear' : 0;
  if (!INTERIM.test(start)) return 0;
  const end = bytes.indexOf(HEAD_END, 0, 'latin1');
  if (end >= 0) return end + HEAD_END.length;
  return bytes.length < MOST_BYTES ? 'unclear' : 0;
}
