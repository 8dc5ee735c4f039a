import type { Answer } from '../../../../lib/outcome/answer';
import type { Reply } from '../../../support/scripted-server';

/** A scripted reply as the transport brings it. */
export function answerOf({ status, headers = {}, body }: Reply): Answer {
  const isText = typeof body === 'string';
  const text = isText ? body : body === undefined ? '' : JSON.stringify(body);
  const type: Record<string, string> =
    isText || body === undefined ? {} : { 'content-type': 'application/json' };
  const all = { ...type, ...headers };
  return { kind: 'answer', status, headers: all, text, json: parsed(text), roundTripMs: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
