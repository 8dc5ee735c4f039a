import type { Answer } from '../../../lib/outcome/answer';

/** An answer as the transport delivers it, from a body given as data or as text. */
export function answer(
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): Answer {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, headers, text, json: parsed(text), roundTripMs: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
