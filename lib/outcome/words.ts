/** Finds this text in what an API says; case does not count. */
export function literalText(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
}
