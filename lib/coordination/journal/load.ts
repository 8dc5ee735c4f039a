import { open, type FileHandle } from 'node:fs/promises';
import { statIfPresent } from './files';
import { headerLine, readEntry, readHeader } from './line';
import type { JournalOwner } from './owner';

/** What a file turned out to be. */
export interface Loaded {
  /** Entries in it, wanted or not. */
  readonly lines: number;
  /** It cannot go on as it is. */
  readonly mustRewrite: boolean;
  /** What to keep aside before anything is written. */
  readonly find: Find | undefined;
}

export type Find =
  | { readonly kind: 'foreign'; readonly why: Foreign }
  | { readonly kind: 'damaged'; readonly entries: number }
  | { readonly kind: 'truncated'; readonly from: number; readonly bytes: number }
  | Lost;

/** What is not in the file any more; there is nothing to keep aside of an empty one. */
export type Lost =
  | { readonly kind: 'empty' }
  /** While it was open it became another size than was written to it. */
  | { readonly kind: 'altered'; readonly expected: number; readonly bytes: number };

/** Why a file is none of ours. */
export type Foreign =
  | { readonly text: 'foreign-start' | 'foreign-version' }
  | { readonly text: 'foreign-kind'; readonly holds: string; readonly wanted: string };

/** More than any header has. */
const HEADER_BYTES = 512;

/**
 * Hands every readable entry to the owner. Undefined: there is no such file. Rejects when it cannot be read at all.
 */
export async function load(path: string, owner: JournalOwner): Promise<Loaded | undefined> {
  const stats = await statIfPresent(path);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'it is a folder' : 'it is no file');
  const file = await open(path, 'r');
  try {
    return await loadFile(file, owner);
  } finally {
    await file.close();
  }
}

async function loadFile(file: FileHandle, owner: JournalOwner): Promise<Loaded> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  const start = buffer.toString('latin1', 0, bytesRead);
  // It is written whole, with its header, before it gets its name.
  if (bytesRead === 0) return { lines: 0, mustRewrite: true, find: { kind: 'empty' } };
  // Nothing can follow a header that is not complete.
  if (headerLine(owner).startsWith(start) && !start.endsWith('\n')) {
    return { lines: 0, mustRewrite: true, find: truncated(0, bytesRead) };
  }
  const headerEnd = start.indexOf('\n') + 1;
  const why = whyForeign(start.slice(0, headerEnd), owner);
  if (why !== undefined) return { lines: 0, mustRewrite: true, find: { kind: 'foreign', why } };
  return new Loading(owner).run(file, headerEnd);
}

function whyForeign(line: string, { kind, version }: JournalOwner): Foreign | undefined {
  const header = readHeader(line);
  if (header === undefined) return { text: 'foreign-start' };
  if (header.kind !== kind) return { text: 'foreign-kind', holds: header.kind, wanted: kind };
  return header.version > version ? { text: 'foreign-version' } : undefined;
}

function truncated(from: number, end: number): Find | undefined {
  return from < end ? { kind: 'truncated', from, bytes: end - from } : undefined;
}

/** One pass over the entries of a file. */
class Loading {
  private lines = 0;
  private damaged = 0;
  private mustRewrite = false;
  /** Lines that cannot be read and have none that can after them: damage, or a tail to cut off. */
  private unread = 0;
  private unreadFrom = 0;
  private end = 0;

  constructor(private readonly owner: JournalOwner) {}

  async run(file: FileHandle, from: number): Promise<Loaded> {
    this.end = from;
    await readLines(file, from, this.onLine);
    const find = this.find();
    const mustRewrite = this.mustRewrite || find !== undefined;
    return { lines: this.lines, mustRewrite, find };
  }

  private readonly onLine = (line: Buffer, offset: number, isTerminated: boolean): void => {
    this.end = offset + line.length + (isTerminated ? 1 : 0);
    const entry = readEntry(line);
    const replayed = entry === undefined ? 'unknown' : this.owner.replay(entry);
    if (replayed === 'unknown') {
      if (this.unread++ === 0) this.unreadFrom = offset;
      return;
    }
    this.lines++;
    this.damaged += this.unread;
    this.unread = 0;
    if (replayed === 'corrected' || !isTerminated) this.mustRewrite = true;
  };

  private find(): Find | undefined {
    const tail = this.unread > 0 ? truncated(this.unreadFrom, this.end) : undefined;
    if (this.damaged === 0) return tail;
    return { kind: 'damaged', entries: this.damaged + this.unread };
  }
}

const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 0x0a;

/** @param line without its line feed; its bytes are only valid during the call */
type OnLine = (line: Buffer, offset: number, isTerminated: boolean) => void;

/** Reads a file line by line from an offset on, without ever holding more of it than a chunk or its longest line. */
async function readLines(file: FileHandle, from: number, onLine: OnLine): Promise<void> {
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
