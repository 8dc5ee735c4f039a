import { jsonReply } from './reply';
import type { Reply } from './reply';

const TITLES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error of the manufacturing execution system that has no record behind it. */
export function statusReply(status: number): Reply {
  const error = TITLES[status] ?? 'Error';
  return jsonReply(status, { error, message: `The request ended with status ${String(status)}` });
}
