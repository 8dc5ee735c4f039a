import { describe, expect, it } from 'vitest';
import { createApriso } from '../../../lib/api/rest/apriso';
import { answer } from './answers';
import { ACTION, meaningOf, planFor, READ } from './odata-plans';

const apriso = createApriso();
const ref = apriso.locate('https://mes.example/api', 'work-orders', 'WO-12345');

describe('an Apriso work order', () => {
  it('is written with the ETag that was read', () => {
    const version = apriso.versionOf(answer(200, { version: 8 }, { etag: '"v7"' })) ?? '';
    const changes = { status: 'Complete' };
    expect(apriso.writeRequest(planFor(ref, { changes, precondition: { version } }))).toEqual({
      method: 'PATCH',
      url: 'https://mes.example/api/work-orders/WO-12345',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'If-Match': '"v7"',
      },
      body: '{"status":"Complete"}',
    });
  });

  it('is described to the dialog', () => {
    expect(apriso).toMatchObject({
      methods: ['PATCH', 'PUT'],
      canForce: true,
    });
  });
});

describe('an Apriso refusal', () => {
  const CONFLICT = {
    error: 'Work order status conflict',
    message: 'Cannot transition from current state',
  };

  it.each([
    ['row 28', 409, CONFLICT, 'undetermined'],
    ['row 39', 422, { message: 'Invalid status transition' }, 'undetermined'],
    ['row 39', 422, { error: 'Missing fields', message: 'for status Rework' }, 'undetermined'],
    ['row 40', 422, { message: 'reworkReasonCode is required' }, 'validation'],
    ['row 40', 422, { status: 422, errors: ['quantity'] }, 'validation'],
    ['row 40', 422, undefined, 'validation'],
  ])('%s: %i %j', (_row, status, body, expected) => {
    expect(meaningOf(apriso, { status, body }).class).toBe(expected);
    expect(meaningOf(apriso, { status, body }, ACTION).class).toBe(expected);
  });

  it('of a read is never about a transition', () => {
    const body = { message: 'Invalid status transition' };
    expect(meaningOf(apriso, { status: 422, body }, READ).class).toBe('validation');
  });
});
