/** 12 bits of digits, 4 of exponent: exact below 4,096, above that to one part in 4,096, at most 134 million. */
const DIGITS = 4_096;
const LARGEST = (DIGITS - 1) * 2 ** 15;

/** A count in 16 bits. */
export function packed(count: number): number {
  const bounded = Math.min(Math.max(0, Math.round(count)), LARGEST);
  let exponent = 0;
  let digits = bounded;
  while (digits >= DIGITS) {
    exponent++;
    digits = Math.round(bounded / 2 ** exponent);
  }
  return exponent * DIGITS + digits;
}

export function unpacked(bits: number): number {
  return (bits % DIGITS) * 2 ** Math.floor(bits / DIGITS);
}
