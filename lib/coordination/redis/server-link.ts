import { InputError } from '../../errors';
import type { Redis } from './client';
import { refusalOf } from './faults';
import { giveUpSilent, messageOf, type Link } from './link';

/** One server, which the sentinels name where there are some. */
export class ServerLink implements Link {
  readonly isCluster = false;
  /** What the sentinels said since they were asked last. */
  private said: string[] = [];
  /** Each further time would add to what waits for the end of the connection. */
  private isEnding = false;

  constructor(
    readonly client: Redis,
    /** What the sentinels call it; undefined: there are none. */
    private readonly master: string | undefined,
  ) {
    giveUpSilent(client);
    client.on('connecting', () => (this.said = []));
    client.on('close', () => (this.isEnding = false));
    client.on('sentinelError', (error: Error) => this.said.push(error.message));
  }

  masters(): readonly Redis[] {
    return [this.client];
  }

  newListener(): Redis {
    return this.client.duplicate();
  }

  renew(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.client.disconnect(true);
  }

  reasonOf(error: unknown): InputError | string {
    const words = messageOf(error);
    const { master, said } = this;
    if (master === undefined || !words.startsWith('All sentinels')) {
      return refusalOf(words) ?? words;
    }
    return sentinelRefusal(said, master) ?? this.noSentinel(said.at(-1) ?? words);
  }

  /** The client does not say why a connection to a sentinel came to nothing. */
  private noSentinel(why: string): string {
    const { sentinelTLS } = this.client.options;
    const tls =
      sentinelTLS === undefined ? '' : ', which may be for want of a certificate to trust';
    return `no sentinel answers (${why.replace(/\.$/, '')}${tls})`;
  }
}

/** What only a person can put right about the sentinels; undefined: nothing. */
function sentinelRefusal(said: readonly string[], master: string): InputError | undefined {
  const all = said.join('\n');
  if (/WRONGPASS|NOAUTH|NOPERM/.test(all)) {
    return new InputError(
      'STORE_SENTINEL_SIGN_IN_FAILED',
      `The sentinels refused the sign-in (${said.at(-1) ?? ''}). Correct Sentinel user and Sentinel password in the dialog of the record-store node; those of Redis itself are others.`,
    );
  }
  if (/unknown command/i.test(all)) {
    return new InputError(
      'STORE_SERVER_KIND',
      'What listens at Address is no sentinel but a Redis server. Correct Address in the dialog of the record-store node – sentinels usually listen on port 26379 – or choose another Server there.',
    );
  }
  if (!/No such master|invalid reply/.test(all)) return undefined;
  return new InputError(
    'STORE_MASTER_UNKNOWN',
    `The sentinels know no master ${JSON.stringify(master)}. Correct Name of the master in the dialog of the record-store node: it is what stands after "sentinel monitor" in their configuration.`,
  );
}
