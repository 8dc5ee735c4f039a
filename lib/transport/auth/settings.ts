/** The credentials of one endpoint. */
export type AuthSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly header: string; readonly key: string }
  /** In the query of every address. */
  | { readonly kind: 'api-key-query'; readonly parameter: string; readonly key: string }
  | OAuth2Settings;

/** Client credentials grant, RFC 6749 section 4.4. */
export interface OAuth2Settings {
  readonly kind: 'oauth2';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Empty or absent: none is sent. */
  readonly scope?: string;
}
