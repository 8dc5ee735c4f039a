import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type { AuthSettings } from '../../../../lib/transport/auth/settings';
import { createAdmissions } from '../../../../lib/transport/throttle/admission';
import { ManualTime } from './manual-time';

const basic = (user: string, password = 'p'): AuthSettings => ({ kind: 'basic', user, password });
const oauth2 = (clientId: string, tokenUrl = 'https://login/a'): AuthSettings => ({
  kind: 'oauth2',
  tokenUrl,
  clientId,
  client: { by: 'body', secret: 's' },
});
const key = (header: string, value: string): AuthSettings => ({
  kind: 'api-key',
  header,
  key: value,
});
const none: AuthSettings = { kind: 'none' };
const bearer = (token: string): AuthSettings => ({ kind: 'bearer', token });

type Endpoint = [baseUrl: string, auth: AuthSettings];

function share(one: Endpoint, other: Endpoint): boolean {
  const admissions = createAdmissions(new ManualTime());
  const [first, second] = [one, other].map(([baseUrl, auth]) =>
    admissions.lease({ baseUrl, auth }),
  );
  return first?.admission === second?.admission;
}

it.each<[string, Endpoint, Endpoint]>([
  ['paths of one server', ['http://a/x', none], ['http://A:80/y/', none]],
  ['one user, whatever the password', ['http://a', basic('u')], ['http://a', basic('u', 'q')]],
  ['one client', ['http://a', oauth2('c')], ['http://a', oauth2('c')]],
  ['one token', ['http://a', bearer('t')], ['http://a', bearer('t')]],
  ['one key', ['http://a', key('X-Key', 'k')], ['http://a', key('x-key', 'k')]],
])('%s share an admission', (_what, one, other) => {
  expect(share(one, other)).toBe(true);
});

it.each<[string, Endpoint, Endpoint]>([
  ['servers', ['http://a', none], ['http://b', none]],
  ['ports', ['http://a:1', none], ['http://a:2', none]],
  ['users', ['http://a', basic('u')], ['http://a', basic('v')]],
  ['clients', ['http://a', oauth2('c')], ['http://a', oauth2('d')]],
  ['tenants', ['http://a', oauth2('c')], ['http://a', oauth2('c', 'https://login/b')]],
  ['tokens', ['http://a', bearer('t')], ['http://a', bearer('u')]],
  ['kinds', ['http://a', bearer('t')], ['http://a', basic('t')]],
  ['keys', ['http://a', key('x', 'k')], ['http://a', key('x', 'l')]],
])('different %s do not', (_what, one, other) => {
  expect(share(one, other)).toBe(false);
});

it('an admission is kept until its last share is released, however often that is said', () => {
  const admissions = createAdmissions(new ManualTime());
  const settings = { baseUrl: 'http://a', auth: none };
  const [one, other] = [admissions.lease(settings), admissions.lease(settings)];
  one.admission.gate.hold(1_000);
  one.release();
  one.release();
  const third = admissions.lease(settings);
  expect(third.admission.gate.heldForMs()).toBe(1_000);
  other.release();
  third.release();
  expect(admissions.lease(settings).admission.gate.heldForMs()).toBe(0);
});

it('trap 15: a lease shows no credential', () => {
  const admissions = createAdmissions(new ManualTime());
  const lease = admissions.lease({ baseUrl: 'http://a', auth: bearer('S3CRET') });
  expect(inspect([admissions, lease], { depth: null, showHidden: true })).not.toContain('S3CRET');
});
