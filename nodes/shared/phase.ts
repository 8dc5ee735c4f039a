import type { Traffic } from '../../lib/transport/transport';
import type { Phase } from '../../lib/update/context';
import type { StatusLine } from './status';
import type { Passage } from './tally';

/** Shows what a request is doing; where the API holds it, for how long or by which limit. */
export function showPhase(
  line: StatusLine,
  phase: Phase,
  traffic: Traffic,
  passage?: Passage,
): void {
  if (phase === 'reading' || phase === 'writing') {
    passage?.begin();
    line.working(phase);
    return;
  }
  if (phase === 'limited' || phase === 'throttled') passage?.hold();
  if (phase === 'limited') {
    line.waitingFor('limited', { limit: traffic.limit, full: traffic.fullLimit });
    return;
  }
  // The wait for one's own next try may be the one that the API has asked for.
  const heldForMs = phase === 'queued' ? 0 : traffic.heldForMs();
  if (heldForMs > 0) line.allWaitFor('throttled', { seconds: Math.ceil(heldForMs / 1000) });
  else line.waiting(phase === 'throttled' ? 'waiting' : phase);
}
