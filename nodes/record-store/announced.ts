import type { QueueRegister } from '../../lib/coordination/queue/queue-register';
import type { SharedRegister } from './lookup';

/** What the nodes of this Node-RED have said in the register of a store: it is taken back when the store closes. */
export class Announced implements SharedRegister {
  private readonly said = new Map<string, readonly [queue: string, user: string]>();
  private isClosed = false;

  /**
   * @param run names this run of Node-RED
   * @param opening rejects with InputError when the settings cannot work
   */
  constructor(
    private readonly run: string,
    private readonly opening: Promise<QueueRegister>,
  ) {
    opening.catch(() => undefined);
  }

  async announce(queue: string, node: string, text: string): Promise<readonly string[]> {
    const register = await this.opening;
    if (this.isClosed) return [];
    const user = this.userOf(node);
    this.said.set(JSON.stringify([queue, user]), [queue, user]);
    return register.announce(queue, user, text);
  }

  async leave(queue: string, node: string): Promise<void> {
    const user = this.userOf(node);
    const key = JSON.stringify([queue, user]);
    const place = this.said.get(key);
    if (place === undefined) return;
    await (await this.opening).leave(...place);
    // Until then it is the store's to take back, too, if it closes meanwhile.
    if (this.said.get(key) === place) this.said.delete(key);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const left = [...this.said.values()];
    this.said.clear();
    const register = await this.opening;
    await Promise.all(left.map(place => register.leave(...place)));
  }

  private userOf(node: string): string {
    return `${this.run}.${node}`;
  }
}
