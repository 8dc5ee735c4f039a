import fc from 'fast-check';
import type { StateMachine } from '../../../lib/lifecycle/machine';

const FIELDS = ['reason', 'defect', 'note'];

/** Small machines of any shape: loops, dead ends, parts that nothing leads to. */
export function machines(maxStates = 5): fc.Arbitrary<StateMachine> {
  return fc
    .integer({ min: 1, max: maxStates })
    .map(count => Array.from({ length: count }, (_, index) => `S${String(index)}`))
    .chain(names =>
      fc.tuple(
        ...names.map(name =>
          fc.record({
            name: fc.constant(name),
            next: fc.subarray(names.filter(other => other !== name)),
            required: fc.subarray(FIELDS),
          }),
        ),
      ),
    )
    .map(states => ({ states }));
}

/** A machine and two of its states. */
export function journeys(
  maxStates?: number,
): fc.Arbitrary<{ machine: StateMachine; from: string; to: string }> {
  return machines(maxStates).chain(machine => {
    const name = fc.constantFrom(...machine.states.map(state => String(state.name)));
    return fc.record({ machine: fc.constant(machine), from: name, to: name });
  });
}

/** What changes or a record may hold: any of the required fields, filled in or not. */
export const CONTENTS = fc.dictionary(
  fc.constantFrom(...FIELDS),
  fc.constantFrom<unknown>('x', 0, false, null, '', ' '),
);
