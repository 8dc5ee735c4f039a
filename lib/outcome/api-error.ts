import type { Answer } from './answer';
import { isFailure, isPage } from './body-kind';
import { cleanText, reasonsIn, type Reasons } from './json-reason';
import { withoutLookAlikes } from './look-alikes';
import type { ApiError } from './row';
import { reasonsInXml, wordsOf } from './text-reason';

/** Longer messages are cut: some APIs put a stack trace there. */
const MAX_MESSAGE = 1000;

/** Of a body that names no reason. */
const MAX_EXCERPT = 300;

/**
 * The API's own code and message, in whatever shape it gives them: OData (V2 nests `message.value`, V3 has
 * `odata.error`), problem details (RFC 9457), OAuth, lists and maps of errors, XML, plain text; else an excerpt of the
 * body. The body of an answer that reports no failure is data. What looks like a credential is masked.
 */
export function apiErrorOf(answer: Answer): ApiError {
  const { status, json, headers } = answer;
  if (status < 400 && !isFailure(json)) return {};
  const inBody = reasonsOf(answer);
  const challenge = inBody.texts.length > 0 ? NOTHING : challengeOf(headers['www-authenticate']);
  const texts = [...inBody.texts, ...challenge.texts];
  const code = bestCode([...inBody.codes, ...challenge.codes], status);
  const message = texts.length === 0 ? undefined : shown(joined(texts), MAX_MESSAGE);
  const excerpt = message === undefined ? excerptOf(answer) : undefined;
  return {
    ...(code === undefined ? {} : { code: withoutLookAlikes(code) }),
    ...(message === undefined ? {} : { message }),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

/** What HTTP itself calls the statuses that an API may answer for itself. */
const PHRASES: Readonly<Record<number, string>> = {
  500: 'internal server error',
  503: 'service unavailable',
};

/**
 * Whether an error is told in the API's own words and format. Gateways answer with a page or a line of text, or repeat
 * what HTTP calls the status, and no more.
 */
export function isOwnWord(answer: Answer, { code, message }: ApiError): boolean {
  const isJson = typeof answer.json === 'object' && answer.json !== null;
  const isXml = answer.json === undefined && answer.text.trimStart().startsWith('<');
  if (code !== undefined && code !== String(answer.status)) return isJson || isXml;
  return isJson && message !== undefined && message.toLowerCase() !== PHRASES[answer.status];
}

/**
 * The same with what the endpoint knows of where its API puts code and message: those win, where they are told.
 * An answer that reports no failure has neither.
 */
export function apiErrorWith(
  answer: Answer,
  placed: (body: unknown) => {
    readonly message: string | undefined;
    readonly code: string | undefined;
  },
): ApiError {
  // Nearly all answers report none.
  if (answer.status < 400 && !isFailure(answer.json)) return {};
  const { excerpt, ...told } = apiErrorOf(answer);
  const { message, code } = placed(answer.json);
  return {
    ...told,
    ...(message === undefined && excerpt !== undefined ? { excerpt } : {}),
    ...(message === undefined ? {} : { message: shown(cleanText(message), MAX_MESSAGE) }),
    ...(code === undefined ? {} : { code: withoutLookAlikes(code.slice(0, MAX_CODE)) }),
  };
}

/** Longer codes are sentences. */
const MAX_CODE = 100;

const NOTHING: Reasons = { texts: [], codes: [] };

function reasonsOf(answer: Answer): Reasons {
  const { json, text } = answer;
  if (json !== undefined) return reasonsIn(json);
  const start = text.trimStart().charAt(0);
  if (start === '<') return isPage(answer) ? NOTHING : reasonsInXml(text);
  // What begins so is JSON that was cut.
  const isPlain = start !== '' && start !== '{' && start !== '[' && !isPage(answer);
  return isPlain ? { texts: [cleanText(text)], codes: [] } : NOTHING;
}

/** Some APIs say only there why credentials were refused (RFC 6750 section 3). */
function challengeOf(header = ''): Reasons {
  const { error, error_description: description } = Object.fromEntries(
    [...header.slice(0, 4000).matchAll(/\b(error|error_description)="([^"]{1,1000})"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  ) as Readonly<Record<string, string | undefined>>;
  return {
    texts: [description ?? error].filter(text => text !== undefined),
    codes: error === undefined || description === undefined ? [] : [{ rank: 0, code: error }],
  };
}

/** A code that repeats the status counts where there is no other. */
function bestCode(codes: Reasons['codes'], status: number): string | undefined {
  const isStatus = (code: string): boolean => code === String(status);
  const [best] = [...codes].sort(
    (a, b) => Number(isStatus(a.code)) - Number(isStatus(b.code)) || a.rank - b.rank,
  );
  return best?.code;
}

/** As sentences; what is none leads to the next part with a colon. */
function joined(texts: readonly string[]): string {
  return texts.reduce((left, text) => `${left}${/[.!?:;]$/.test(left) ? ' ' : ': '}${text}`);
}

function excerptOf(answer: Answer): string | undefined {
  const { text, json } = answer;
  const isMarkup = json === undefined && text.trimStart().startsWith('<');
  const words = isMarkup ? wordsOf(text) : cleanText(text);
  if (/[\p{L}\p{N}]/u.test(words)) return shown(words, MAX_EXCERPT);
  // Some XML says all in attributes.
  const hasAttributes = isMarkup && !isPage(answer) && /="[^"]/.test(text);
  return hasAttributes ? shown(cleanText(text), MAX_EXCERPT) : undefined;
}

/** Masked before it is cut, so that no half of a secret is left. */
function shown(text: string, length: number): string {
  const clean = withoutLookAlikes(text.slice(0, 4 * length));
  return clean.length <= length ? clean : `${clean.slice(0, length)}…`;
}
