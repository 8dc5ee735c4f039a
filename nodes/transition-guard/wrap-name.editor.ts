/** Characters in a line, and lines, of a state's name in the picture. */
const LINE = 14;
const LINES = 3;

/** Breaks a name between words into lines of a box; what is too long even so is cut, with an ellipsis. */
export function wrapName(name: string): readonly string[] {
  const words = name.split(/\s+/).filter(word => word !== '');
  const lines = words.reduce<string[]>((done, word) => {
    const last = done.at(-1);
    const joined = `${last ?? ''} ${word}`;
    return last === undefined || joined.length > LINE
      ? [...done, word]
      : [...done.slice(0, -1), joined];
  }, []);
  const shown = lines.slice(0, LINES).map(line => cut(line, LINE + 2));
  return lines.length > LINES ? [...shown.slice(0, -1), `${shown.at(-1) ?? ''}…`] : shown;
}

function cut(line: string, length: number): string {
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
