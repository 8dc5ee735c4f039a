import type { Transport } from '../../lib/transport/transport';
import { showPhase } from '../shared/phase';
import type { StatusLine } from '../shared/status';

/** The same transport, with what its reads are doing on the status line. */
export function watchedTransport(transport: Transport, line: StatusLine): Transport {
  const { traffic } = transport;
  return {
    traffic,
    read: async (request, options) => {
      showPhase(line, 'reading', traffic);
      const answer = await transport.read(request, {
        ...options,
        onHeld: why => {
          showPhase(line, why, traffic);
        },
      });
      // The answer itself may have been a 429: what follows is the wait for the next try.
      if (traffic.heldForMs() > 0) showPhase(line, 'throttled', traffic);
      return answer;
    },
    write: (request, options) => transport.write(request, options),
    close: graceMs => transport.close(graceMs),
  };
}
