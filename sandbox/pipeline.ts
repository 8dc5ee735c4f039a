import { Calls } from './calls';
import type { Call } from './calls';
import { replyInstead, spoil } from './faults/fault-replies';
import type { ApiRequest, Reply } from './http/reply';
import type { World } from './world';

/** Takes requests through the faults to the API they name. */
export class Pipeline {
  private readonly waiting = new Set<NodeJS.Timeout>();
  private readonly calls: Calls;

  constructor(private readonly world: World) {
    this.calls = new Calls(world, (ms, action) => {
      this.later(ms, action);
    });
  }

  /** Calls `answer` exactly once, unless the pipeline is closed first. */
  serve(request: ApiRequest, answer: (reply: Reply) => void): void {
    const { counters, faults } = this.world;
    counters.began(request.method);
    const call = this.calls.of(request);
    const begin = (): void => {
      this.run(call, reply => {
        counters.ended(reply.status);
        call.log(reply);
        answer(reply);
      });
    };
    const delay = faults.delayOf(call.subject);
    if (delay > 0) this.later(delay, begin);
    else begin();
  }

  /** Requests that still wait are dropped. */
  close(): void {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
  }

  private later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      action();
    }, ms);
    this.waiting.add(timer);
  }

  private run(call: Call, finish: (reply: Reply) => void): void {
    const { faults } = this.world;
    const spell = (status: number): Reply => call.spell(status);
    const instead = faults.before(call.subject);
    if (instead !== undefined) {
      finish(replyInstead(instead, spell));
      return;
    }
    call.process(reply => {
      const after = reply.status >= 300 ? undefined : faults.after(call.subject);
      finish(after === undefined ? reply : spoil(after, reply, spell));
    });
  }
}
