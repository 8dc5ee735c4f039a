import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { InputError } from '../../errors';

/** What signs, and the certificate by which a server may know it. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly certificate: X509Certificate | undefined;
}

/** One part of a PEM file. */
interface Block {
  readonly label: string;
  readonly pem: string;
}

/**
 * The private key in a PEM text, and the certificate beside it that belongs to it. Forms, environment variables and
 * JSON files bring such a text with other ends of lines, with `\n` in words, without any, or as Base64.
 * Throws InputError `AUTH_INVALID` that says what is wrong and shows nothing of it.
 */
export function readSigningKey(text: string, passphrase: string): SigningKey {
  const blocks = blocksOf(text);
  const key = keyOf(privateBlock(blocks), passphrase);
  return { key, certificate: certificateOf(blocks, key) };
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

function blocksOf(text: string): Block[] {
  const plain = decoded(text)
    .replace(/\\+r|\r/g, '')
    .replace(/\\+n/g, '\n');
  return [...plain.matchAll(BLOCK)].map(([, label = '', body = '']) => ({
    label,
    pem: `-----BEGIN ${label}-----\n${lines(body)}\n-----END ${label}-----\n`,
  }));
}

/** Deployments often keep files as Base64. */
function decoded(text: string): string {
  const bare = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(bare)) return text;
  const inner = Buffer.from(bare, 'base64').toString('latin1');
  return inner.includes('-----BEGIN ') ? inner : text;
}

/** A key that is encrypted in the old way has headers, which need lines of their own. */
function lines(body: string): string {
  if (body.includes(':')) {
    const kept = body.split('\n').map(line => line.trim());
    return kept.join('\n').trim();
  }
  return body.replace(/\s+/g, '').replace(/(.{64})(?=.)/g, '$1\n');
}

function privateBlock(blocks: readonly Block[]): Block {
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [key, another] = keys;
  if (key === undefined) throw keyFault(withoutKey(blocks));
  if (another !== undefined) throw keyFault('holds several keys. Leave the one that signs');
  if (key.label === 'OPENSSH PRIVATE KEY') {
    throw keyFault('is in the format of OpenSSH. Convert it with ssh-keygen -p -m PKCS8');
  }
  return key;
}

function withoutKey([first]: readonly Block[]): string {
  const wanted = 'Paste the text that begins with -----BEGIN PRIVATE KEY-----';
  return first === undefined
    ? `is no PEM text. ${wanted}`
    : `holds only a ${first.label.toLowerCase()}. ${wanted}, as well`;
}

function keyOf({ label, pem }: Block, passphrase: string): KeyObject {
  const isEncrypted = label.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(pem);
  if (isEncrypted && passphrase === '') throw keyFault('is encrypted. Enter its passphrase too');
  try {
    // The reasons of OpenSSL are codes that help nobody, so they stay here.
    return createPrivateKey({ key: pem, ...(isEncrypted ? { passphrase } : {}) });
  } catch {
    throw keyFault(
      isEncrypted
        ? 'cannot be read: the passphrase is wrong, or the text is damaged. Enter both again'
        : 'cannot be read: the text is damaged or cut off. Paste all of it again',
    );
  }
}

function certificateOf(blocks: readonly Block[], key: KeyObject): X509Certificate | undefined {
  const found = blocks.filter(({ label }) => label === 'CERTIFICATE').map(parsed);
  if (found.length === 0) return undefined;
  const own = found.find(certificate => certificate.checkPrivateKey(key));
  if (own !== undefined) return own;
  throw keyFault('does not belong to the certificate beside it. Paste the pair that belongs');
}

function parsed({ pem }: Block): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw keyFault('has a certificate beside it that cannot be read. Paste that again');
  }
}

export function keyFault(what: string): InputError {
  return new InputError('AUTH_INVALID', `The private key ${what}.`);
}
