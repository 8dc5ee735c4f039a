import { randomBytes } from 'node:crypto';
import { jsonReply } from './http/reply';
import type { ApiRequest, Reply } from './http/reply';

export const TOKEN_PATH = '/oauth2/v2.0/token';

/** The one client the token endpoint knows. */
export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lifetime of a token in seconds, `expires_in` of the answer. */
  readonly expiresIn: number;
}

export const DEFAULT_OAUTH: OAuthSettings = {
  clientId: 'practice-client',
  clientSecret: 'practice-secret',
  expiresIn: 3599,
};

/** OAuth2 client credentials, answering like the Microsoft identity platform. */
export class TokenEndpoint {
  /** Tokens handed out so far. */
  issued = 0;
  private readonly expiryByToken = new Map<string, number>();

  constructor(private readonly settings: OAuthSettings) {}

  handle(request: ApiRequest): Reply {
    if (request.method !== 'POST') return refusal(405, 'invalid_request', 'Use POST.');
    const form = new URLSearchParams(request.body);
    const grant = form.get('grant_type');
    if (grant === null)
      return refusal(400, 'invalid_request', "AADSTS900144: 'grant_type' is missing.");
    if (grant !== 'client_credentials') {
      return refusal(400, 'unsupported_grant_type', 'AADSTS70003: Use client_credentials.');
    }
    const { id, secret } = credentials(form, request.headers.authorization);
    if (id !== this.settings.clientId || secret !== this.settings.clientSecret) {
      return refusal(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
    }
    return this.issue();
  }

  /** Whether an Authorization header holds a token that is still good. */
  accepts(authorization: string | undefined): boolean {
    if (authorization === undefined || !/^bearer /i.test(authorization)) return false;
    const expiry = this.expiryByToken.get(authorization.slice('bearer '.length));
    return expiry !== undefined && Date.now() < expiry;
  }

  /** Every token handed out so far stops working. */
  revokeAll(): void {
    this.expiryByToken.clear();
  }

  private issue(): Reply {
    const token = randomBytes(24).toString('base64url');
    const { expiresIn } = this.settings;
    this.forgetExpired();
    this.expiryByToken.set(token, Date.now() + expiresIn * 1000);
    this.issued += 1;
    const reply = jsonReply(200, {
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    });
    return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } };
  }

  private forgetExpired(): void {
    const now = Date.now();
    for (const [token, expiry] of this.expiryByToken) {
      if (expiry <= now) this.expiryByToken.delete(token);
    }
  }
}

/** Client id and secret from the form, or from HTTP Basic (RFC 6749 section 2.3.1). */
function credentials(
  form: URLSearchParams,
  authorization: string | undefined,
): { id: string | null; secret: string | null } {
  if (authorization !== undefined && /^basic /i.test(authorization)) {
    const pair = Buffer.from(authorization.slice('basic '.length), 'base64').toString('utf8');
    const [id = '', secret = ''] = pair.split(':').map(part => formDecoded(part));
    return { id, secret };
  }
  return { id: form.get('client_id'), secret: form.get('client_secret') };
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}

function refusal(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, error_description: description });
}
