import { randomUUID } from 'node:crypto';

const PREFIX = '/gateway';

/**
 * What SAP Gateway puts before its services and the OData V2 adapter does not: below `/gateway` a write needs the
 * CSRF token of a session and its cookie.
 */
export function csrfGuard() {
  const sessions = new Map();
  return (req, res, next) => {
    if (!req.url.startsWith(`${PREFIX}/`)) return next();
    const token = req.get('x-csrf-token') ?? '';
    if (token.toLowerCase() === 'fetch') {
      openSession(sessions, res);
    } else if (req.method !== 'GET' && sessions.get(token) !== cookieOf(req)) {
      return res.status(403).set('x-csrf-token', 'Required').send('CSRF token validation failed');
    }
    req.url = req.url.slice(PREFIX.length);
    return next();
  };
}

function openSession(sessions, res) {
  const [token, cookie] = [randomUUID(), randomUUID()];
  sessions.set(token, cookie);
  res.set({ 'x-csrf-token': token, 'set-cookie': `SAP_SESSIONID=${cookie}; path=/; HttpOnly` });
}

function cookieOf(req) {
  return /SAP_SESSIONID=([^;]*)/.exec(req.get('cookie') ?? '')?.[1];
}
