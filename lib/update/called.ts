import type { Verdict } from '../outcome/row';

/**
 * The meaning of an answer from an address that the API does not know, with that address: the mistake is to be seen in
 * it. Its query stays out, which may hold a secret.
 */
export function namingAddress(verdict: Verdict, url: string): Verdict {
  if (verdict.code !== 'ADDRESS_UNKNOWN') return verdict;
  const { origin, pathname } = new URL(url);
  return { ...verdict, fix: `The address called was ${origin}${pathname}. ${verdict.fix ?? ''}` };
}
