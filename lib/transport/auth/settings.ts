/** The credentials of one endpoint. */
export type AuthSettings = SignIn & {
  /** Goes along with every request to the API, whatever the sign-in; never to the token endpoint. Absent: none. */
  readonly also?: SecretHeader;
};

/** A header whose value is a secret, for example the key of a gateway. */
export interface SecretHeader {
  readonly header: string;
  readonly value: string;
}

type SignIn =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly header: string; readonly key: string }
  /** In the query of every address. */
  | { readonly kind: 'api-key-query'; readonly parameter: string; readonly key: string }
  | OAuth2SignIn;

export type OAuth2Settings = Extract<AuthSettings, { readonly kind: 'oauth2' }>;

/** Client credentials grant, RFC 6749 section 4.4, or the JWT bearer grant, RFC 7523 section 2.1. */
interface OAuth2SignIn {
  readonly kind: 'oauth2';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly client: ClientSecret | ClientAssertion;
  /** Empty or absent: none is sent. */
  readonly scope?: string;
  /** Further fields of the token request, such as `audience`. A name may come several times. */
  readonly form?: readonly FormField[];
}

export type FormField = readonly [name: string, value: string];

export interface ClientSecret {
  /**
   * RFC 6749 section 2.3.1: with Basic, each encoded as a form; the same for servers that do not decode them; or in
   * the body of the request.
   */
  readonly by: 'basic' | 'basic-plain' | 'body';
  readonly secret: string;
}

/** A JWT that is signed for each token request. */
export interface ClientAssertion {
  /** It says who the client is (`private_key_jwt`, RFC 7523 section 2.2), or is the grant itself (section 2.1). */
  readonly by: 'assertion' | 'grant';
  readonly algorithm: SigningAlgorithm;
  /** PEM: the private key, and the certificate where the server knows the key by that. */
  readonly key: string;
  /** Of an encrypted key. */
  readonly passphrase?: string;
  /** Header `kid`. Empty or absent: none. */
  readonly keyId?: string;
  /** Claim `aud`. Empty or absent: the token URL. */
  readonly audience?: string;
  /** Claim `sub` of a grant: for whom it asks. Empty or absent: nobody. */
  readonly subject?: string;
  /** Seconds. */
  readonly lifetimeS: number;
}

export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256';
