/**
 * A language that nobody speaks and everybody can read: longer than English, with letters that English has not, and marked
 * at both ends. A text that is cut off, or that comes from no catalogue, is seen in it at once.
 */
const ACCENTED: Readonly<Record<string, string>> = {
  ...{ a: 'á', e: 'ë', i: 'î', o: 'ö', u: 'ü', y: 'ý', c: 'ç', n: 'ñ', s: 'š', z: 'ž' },
  ...{ A: 'Å', E: 'É', I: 'Ï', O: 'Ø', U: 'Û', Y: 'Ý', C: 'Ç', N: 'Ñ', S: 'Š', Z: 'Ž' },
};

/** What a sentence fills in stays as it is. */
const VARIABLE = /(__[a-z]+__)/;

/** The ends of a text. */
export const MARKS = { begin: '⟦', end: '⟧' } as const;

/** Short labels grow most when they are translated. */
const SHORT = 12;

/** An English text in that language. */
export function pseudo(text: string): string {
  const every = text.length <= SHORT ? 1 : 2;
  let vowels = 0;
  const word = (part: string): string =>
    Array.from(part)
      .map(letter => {
        const accented = ACCENTED[letter] ?? letter;
        const isDoubled = /[aeiou]/.test(letter) && vowels++ % every === 0;
        return isDoubled ? accented + accented : accented;
      })
      .join('');
  const parts = text.split(VARIABLE);
  const spoken = parts.map((part, index) => (index % 2 === 1 ? part : word(part)));
  return MARKS.begin + spoken.join('') + MARKS.end;
}
