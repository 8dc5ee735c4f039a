import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 0x0a;

/** @param line without its line feed; its bytes are only valid during the call */
export type OnLine = (line: Buffer, offset: number, isTerminated: boolean) => void;

/** Reads a file line by line from an offset on, without ever holding more of it than a chunk or its longest line. */
export async function readLines(file: FileHandle, from: number, onLine: OnLine): Promise<void> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let offset = from;
  for (;;) {
    const room = buffer.length - filled;
    const { bytesRead } = await file.read(buffer, filled, room, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
    const used = splitLines(buffer.subarray(0, filled), offset, onLine);
    buffer.copyWithin(0, used, filled);
    filled -= used;
    offset += used;
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
  if (filled > 0) onLine(buffer.subarray(0, filled), offset, false);
}

/** Returns how many bytes belong to complete lines. */
function splitLines(bytes: Buffer, offset: number, onLine: OnLine): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) return start;
    onLine(bytes.subarray(start, end), offset + start, true);
    start = end + 1;
  }
}
