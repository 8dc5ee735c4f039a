import { InputError } from '../../errors';

/**
 * Which keys lie together in a cluster: a script may touch several only there. Where a key holds `{tag}`, the first
 * braces with something between them, that alone decides. Source: Redis Cluster specification, "Hash tags".
 */
export function hashTagOf(key: string): string | undefined {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : undefined;
}

/** The prefix of a store in a cluster: all its keys lie together. Throws InputError `STORE_PREFIX_INVALID`. */
export function taggedPrefix(prefix: string): string {
  if (hashTagOf(prefix) !== undefined) return prefix;
  const tagged = `{${prefix}}`;
  if (hashTagOf(tagged) !== undefined) return tagged;
  throw new InputError(
    'STORE_PREFIX_INVALID',
    'Key prefix must not begin with "}" in a cluster, because braces say there which keys lie together. Choose another one in the dialog of the record-store node.',
  );
}

/**
 * Begins the names of helper keys of a key: they lie where it does. Where the prefix has no tag nobody asks for that; a
 * key that other programs know is used as it is, so the helpers follow it.
 */
export function prefixBeside(key: string, prefix: string): string {
  if (hashTagOf(prefix) === undefined || key.startsWith(prefix)) return prefix;
  return `{${tagThatFollows(key)}}${prefix}`;
}

function tagThatFollows(key: string): string {
  const tag = hashTagOf(key) ?? key;
  // A tag ends at the first brace: for a key that holds one, another text does that lies in the same slot.
  return tag === '' || tag.includes('}') ? textInSlot(slotOf(tag)) : tag;
}

/** Always the same text, in every Node-RED. */
function textInSlot(slot: number): string {
  for (let number = 0; ; number++) {
    const text = number.toString(36);
    if (slotOf(text) === slot) return text;
  }
}

const SLOTS = 16_384;

function slotOf(text: string): number {
  return crc16(Buffer.from(text)) % SLOTS;
}

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
