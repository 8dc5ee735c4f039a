import type { Answer, Fault } from '../outcome/answer';
import type { Call } from './call';
import type { RepeatSettings, TakeOver } from './repeat-with-axios';
import { isRepeated } from './repeated';

/** What a call comes to after its first try: that result, or what repeating it brings. Never rejects. */
export type Repeater = (
  call: Call,
  first: Answer | Fault,
) => Answer | Fault | Promise<Answer | Fault>;

/**
 * First tries go straight to the exchange, for most of them are all it takes. What has to be repeated is taken over
 * by axios with axios-retry, which gets the result of the first try as its own. They are loaded by then: many a Node-RED
 * never needs them, and they take longer to load than all nodes together.
 */
export function createRepeater(settings: RepeatSettings): Repeater {
  let loading: Promise<TakeOver> | undefined;
  const load = (): Promise<TakeOver> =>
    import('./repeat-with-axios.js').then(({ repeatWithAxios }) => repeatWithAxios(settings));
  return (call, first) => {
    if (call.repeat === 'once') return first;
    const isFinal = first.kind === 'answer' && !isRepeated(call.repeat, first.status);
    if (isFinal) return first;
    loading ??= load();
    return loading.then(takeOver => takeOver(call, first));
  };
}
