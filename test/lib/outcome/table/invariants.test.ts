// What holds for every row of every family, whatever an API answers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFamily } from '../../../../lib/api/families';
import { FAMILY_IDS } from '../../../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS } from '../../../../lib/api/settings';
import type { Verdict } from '../../../../lib/outcome/row';
import { classify } from '../../../../lib/outcome/classify';
import { SENT, type SentAs } from './case';
import { answerOf } from './answer';

const WORDS = [
  'modified by another user',
  'duplicate key',
  'request is still being processed: Idempotency-Key',
  'not authorized',
  'locked by user MILLER',
  'Cannot transition from current state',
];

const body = fc.oneof(
  fc.constantFrom<unknown>(undefined, '', '{"a":', '<!DOCTYPE html>', { status: 'Done' }),
  fc.record({ success: fc.boolean(), message: fc.constantFrom(...WORDS) }),
  fc.record({
    error: fc.record({
      code: fc.constantFrom('', '0x80060882', '0x80040237', '0x80044150'),
      message: fc.constantFrom(...WORDS),
    }),
  }),
);

const headers = fc.constantFrom<Record<string, string>>(
  {},
  { 'retry-after': '7' },
  { 'repeatability-result': 'rejected' },
  { 'x-csrf-token': 'Required' },
  { 'content-type': 'text/html' },
);

const reply = fc.record({ status: fc.integer({ min: 200, max: 599 }), headers, body });
const isWriting = (sent: SentAs): boolean => sent !== 'read';
const sentAs = fc.constantFrom(...(Object.keys(SENT) as SentAs[]));

describe.each(FAMILY_IDS)('any answer, read by the family %s', id => {
  const family = createFamily(id, DEFAULT_API_SETTINGS);
  const meaning = (answer: Parameters<typeof answerOf>[0], sent: SentAs): Verdict => {
    const full = answerOf(answer);
    return classify(full, SENT[sent], family.errorOf(full), family.rows);
  };

  test('counts as success only with a 2xx whose body is the own one of the API', () => {
    fc.assert(
      fc.property(reply, sentAs, (answer, sent) => {
        if (meaning(answer, sent).class !== 'success') return;
        const { text, json } = answerOf(answer);
        expect([200, 201, 203, 204, 205]).toContain(answer.status);
        expect(text.trim() === '' || json !== undefined).toBe(true);
      }),
    );
  });

  test('leaves nothing in doubt after a read', () => {
    fc.assert(
      fc.property(reply, answer => {
        expect(meaning(answer, 'read').ambiguous).toBeUndefined();
      }),
    );
  });

  test('leaves a write in doubt after every answer that proves nothing', () => {
    fc.assert(
      fc.property(reply, sentAs.filter(isWriting), (answer, sent) => {
        const verdict = meaning(answer, sent);
        if (verdict.class === 'unverified') expect(verdict.ambiguous).toBe(true);
      }),
    );
  });

  test('is a version conflict or in progress only where a version or a key was sent', () => {
    fc.assert(
      fc.property(reply, answer => {
        if (answer.status === 412)
          expect(meaning(answer, 'bare').class).not.toBe('version-conflict');
        expect(meaning(answer, 'patch').class).not.toBe('in-progress');
      }),
    );
  });
});
