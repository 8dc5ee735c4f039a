import { findState, type MachineState, type State } from '../../lib/lifecycle/machine';
import type { Translate } from '../shared/checks';
import { joinNames } from './names.editor';
import { allStates, faultOf, stepsFrom, type StateFault } from './state-faults.editor';

/** A state with its role, what is wrong with it, and where it leads, for those who cannot see the picture. */
export function stateInWords(t: Translate, states: readonly MachineState[], state: State): string {
  const role = findState({ states }, state)?.role;
  const fault = faultOf(state, states);
  const next = joinNames(stepsFrom(state, states));
  // First what the picture shows below the name: spoken commands go by what is to be seen.
  const parts = [
    fault === undefined ? '' : faultInWords(t, fault),
    role === 'start' ? t('transition-guard.option.role-start') : '',
    role === 'end' ? t('transition-guard.option.role-end') : '',
    next === '' ? '' : t('transition-guard.label.leads-to', { next }),
  ];
  return `${String(state)}: ${parts.filter(part => part !== '').join('; ')}.`;
}

export function machineInWords(t: Translate, states: readonly MachineState[]): string {
  return allStates(states)
    .map(state => stateInWords(t, states, state))
    .join(' ');
}

export function faultInWords(t: Translate, fault: StateFault): string {
  if (fault === 'unknown') return t('transition-guard.label.unknown');
  return fault === 'dead-end'
    ? t('transition-guard.label.dead-end')
    : t('transition-guard.label.unreachable');
}

/** What to look at in a table that is not wrong: states no record comes to, and states none gets out of. */
export function findings(t: Translate, states: readonly MachineState[]): readonly string[] {
  const having = (fault: StateFault): string =>
    joinNames(allStates(states).filter(state => faultOf(state, states) === fault));
  const hasStart = states.some(({ role }) => role === 'start');
  const [unreachable, stuck] = [having('unreachable'), having('dead-end')];
  return [
    unreachable === '' ? '' : t('transition-guard.tip.unreachable', { states: unreachable }),
    stuck === '' ? '' : t('transition-guard.tip.dead-end', { states: stuck }),
    hasStart || states.length === 0 ? '' : t('transition-guard.tip.no-start'),
  ].filter(finding => finding !== '');
}
