/** FNV-1a over UTF-16 code units, 32 bits. */
export function hashText(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A number in [0, 1) that depends on nothing but its arguments, so that a decision about one
 * record is the same in every run, whatever other requests happen around it.
 * `turn` counts the decisions about the record, `stream` separates unrelated decisions of one turn.
 */
export function draw(hash: number, turn: number, stream: number): number {
  const mixed = hash ^ Math.imul(turn + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b);
  return (finalise(finalise(mixed) + turn) >>> 0) / 0x1_0000_0000;
}

/** The avalanche step of MurmurHash3: every input bit moves every output bit. */
function finalise(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Uniform choice; undefined from an empty list. `random` is in [0, 1). */
export function pick<T>(items: readonly T[], random: number): T | undefined {
  return items[Math.floor(random * items.length)];
}
