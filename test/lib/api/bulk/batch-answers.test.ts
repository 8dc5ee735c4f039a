import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchMember } from '../../../../lib/api/bulk/bulk-api';
import type { Answer } from '../../../../lib/outcome/answer';
import { answer } from '../answers';
import {
  couchOf,
  jsonOf,
  mark,
  multipartOf,
  resultsOf,
  WRITINGS,
  type Writing,
} from './batch-answers';
import { Api } from './bulk-apis';

const RUNS = { numRuns: 10_000 };

const MEMBER: Partial<BatchMember['plan']> = {};
const DOCUMENT = {
  method: 'PUT',
  read: answer(200, '{"_rev":"1-a"}'),
  precondition: { version: '1-a' },
} as const;

const DIALECTS = [
  {
    name: 'multipart',
    api: new Api('odata', { bulk: { batchFormat: 'multipart' } }),
    plan: MEMBER,
    write: multipartOf,
  },
  { name: 'JSON batches', api: new Api('odata'), plan: MEMBER, write: jsonOf },
  { name: 'results of a bulk endpoint', api: new Api('sap-cx'), plan: MEMBER, write: resultsOf },
  { name: 'CouchDB', api: new Api('couchdb'), plan: DOCUMENT, write: couchOf },
];

/** Seven is more than any answer is about. */
const membersOf = (api: Api, plan: typeof MEMBER): BatchMember[] =>
  Array.from({ length: 7 }, (_, at) => api.member(String(at + 1), plan));

const isSuccess = (status: number): boolean => status < 300;

const timesTold = ({ order }: Writing, member: number): number =>
  order.filter(one => one === member).length;

const isToldOnce = (writing: Writing, member: number): boolean => timesTold(writing, member) === 1;

/** Of what is told twice, the second may have been cut off. */
const isShown = (writing: Writing, member: number): boolean =>
  writing.arrives < 1000 ? timesTold(writing, member) > 0 : isToldOnce(writing, member);

describe.each(DIALECTS)('$name', ({ api, plan, write }) => {
  const all = membersOf(api, plan);

  test('trap 20: nothing is taken for a success that the answer does not show as one', () => {
    fc.assert(
      fc.property(WRITINGS, writing => {
        const members = all.slice(0, writing.truth.length);
        const read = api.writes.answersIn(write(writing), members, { atomic: false });
        if (read.kind !== 'members') return read.kind === 'whole';
        if (read.members.length !== members.length) return false;
        return read.members.every((told, member) => {
          if (told.kind !== 'answer') return true;
          const { status = 0 } = writing.truth[member] ?? {};
          return isSuccess(told.answer.status)
            ? isSuccess(status) && isShown(writing, member) && isMarked(told.answer, member)
            : !isSuccess(status) || !isToldOnce(writing, member);
        });
      }),
      RUNS,
    );
  });

  test('trap 20: whatever has an id and is whole reaches its record, in any order', () => {
    const whole = WRITINGS.map(writing => ({
      ...writing,
      arrives: 1000,
      truth: writing.truth.map(({ status }) => ({ status, isBare: false })),
    }));
    fc.assert(
      fc.property(whole, writing => {
        fc.pre(writing.order.length > 0);
        const members = all.slice(0, writing.truth.length);
        const read = api.writes.answersIn(write(writing), members, { atomic: false });
        const told = read.kind === 'members' ? read.members : [];
        return members.every((_, member) => {
          const { status = 0 } = writing.truth[member] ?? {};
          const isTold = isToldOnce(writing, member) && status !== 999;
          return (told[member]?.kind === 'answer') === isTold;
        });
      }),
      { numRuns: 2000 },
    );
  });
});

function isMarked({ text, json }: Answer, member: number): boolean {
  // Results of bulk endpoints do not pass for records: of a success they show nothing but the version.
  if (text === '') return true;
  return (json as { readonly member: unknown }).member === Number(mark(member).replace(/\D/g, ''));
}

describe.each(DIALECTS.filter(({ api }) => api.writes.canGroup))(
  'all or nothing, $name',
  ({ api, plan, write }) => {
    const all = membersOf(api, plan);

    test('trap 20: tells of a success only where it shows everybody’s', () => {
      fc.assert(
        fc.property(WRITINGS, writing => {
          const members = all.slice(0, writing.truth.length);
          const read = api.writes.answersIn(write(writing), members, { atomic: true });
          if (read.kind === 'whole') return true;
          if (read.kind === 'rolled-back') return !isSuccess(read.answer.status);
          const isTold = read.members.some(({ kind }) => kind === 'answer');
          const isAll = members.every((_, member) => isToldOnce(writing, member));
          return !isTold || (isAll && writing.truth.every(({ status }) => isSuccess(status)));
        }),
        RUNS,
      );
    });
  },
);

test('hostile values go into a batch and come out of an answer as they are', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      '\r\n',
      '--batch_x',
      '--',
      'HTTP/1.1 204',
      '"',
      '\\',
      'é',
      '\u2028',
      '😀',
      'a',
      '\n\n',
      '}',
    ),
  });
  const digits = fc.bigInt({ min: 0n, max: 10n ** 40n });
  const api = new Api('odata');
  const multipart = new Api('odata', { bulk: { batchFormat: 'multipart' } });
  fc.assert(
    fc.property(text, digits, (value, number) => {
      const member = api.member(1);
      const body = `{"t":${JSON.stringify(value)},"n":${String(number)}}`;
      const members = [{ ...member, request: { ...member.request, body } }];
      const options = { atomic: false, boundary: 'zq' };
      expect(api.writes.request(members, options).body).toContain(`"body":${body}}`);
      expect(multipart.writes.request(members, options).body).toContain(`\r\n\r\n${body}\r\n--`);
      const json = answer(200, `{"responses":[{"id":"1","status":200,"body":${body}}]}`);
      const part = answer(
        200,
        `--r\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n${body}\r\n--r--`,
        { 'content-type': 'multipart/mixed;boundary=r' },
      );
      for (const given of [json, part]) {
        const read = api.writes.answersIn(given, members, { atomic: false });
        const [one] = read.kind === 'members' ? read.members : [];
        const shown = one?.kind === 'answer' ? one.answer : undefined;
        expect(shown?.text).toContain(String(number));
        const isLong = number > BigInt(Number.MAX_SAFE_INTEGER);
        expect(shown?.json).toEqual({ t: value, n: isLong ? String(number) : Number(number) });
      }
    }),
    { numRuns: 1000 },
  );
});
