import { crc32 } from 'node:zlib';

/** What a journal holds, as its first line says. */
export interface Header {
  readonly kind: string;
  readonly version: number;
}

const FORMAT = 'record-updates-journal';

const SUM_LENGTH = 8;
const SPACE = 0x20;

export function headerLine({ kind, version }: Header): string {
  return `${JSON.stringify({ format: FORMAT, kind, version })}\n`;
}

/** Undefined: no header of a journal. */
export function readHeader(line: string): Header | undefined {
  const { format, kind, version } = (parse(line) ?? {}) as Record<string, unknown>;
  if (format !== FORMAT || typeof kind !== 'string' || !Number.isInteger(version)) return undefined;
  return { kind, version: version as number };
}

/** CRC-32 of the JSON as eight hexadecimal digits, a space, the JSON. */
export function entryLine(entry: unknown): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

/** @param line without its line feed. Undefined: it is not as it was written. */
export function readEntry(line: Buffer): unknown {
  if (line[SUM_LENGTH] !== SPACE) return undefined;
  const json = line.subarray(SUM_LENGTH + 1);
  if (line.toString('latin1', 0, SUM_LENGTH) !== checksum(json)) return undefined;
  return parse(json.toString());
}

function checksum(json: string | Buffer): string {
  return crc32(json).toString(16).padStart(SUM_LENGTH, '0');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
