import type { UpdateResult, WriteFate } from '../../lib/outcome/outcome';
import type { Transport } from '../../lib/transport/transport';
import type { UpdateContext } from '../../lib/update/context';
import type { UpdateOutput } from '../../lib/update/known';

/** What a run leaves behind, killed or not. */
export type Left = Pick<UpdateOutput, 'record'> & {
  readonly result: Pick<UpdateResult, 'outcome' | 'base' | 'pending' | 'conflict'>;
};

class Killed extends Error {}

/**
 * A process that stores the fate of each write, as JSON, and is killed after some of them, before it hears of them.
 * @param kills for each write whether it is one of these; then none is
 */
export function mortal(context: UpdateContext, kills: readonly boolean[]) {
  const left = [...kills];
  const fates: string[] = [];
  const { transport } = context;
  const mortalTransport: Transport = {
    traffic: transport.traffic,
    read: (...args) => transport.read(...args),
    write: async (...args) => {
      const answer = await transport.write(...args);
      if (left.shift() === true) throw new Killed();
      return answer;
    },
    close: () => transport.close(),
  };
  const beforeWrite = (fate: WriteFate): Promise<boolean> => {
    fates.push(JSON.stringify(fate));
    return Promise.resolve(true);
  };
  return {
    fates,
    context: { ...context, transport: mortalTransport, beforeWrite },
    /** The next run is given what is stored, and no more. */
    survivedBy: async (run: Promise<UpdateOutput>): Promise<Left> => {
      try {
        return await run;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        const fate = JSON.parse(fates.at(-1) ?? '{}') as Partial<WriteFate>;
        return { record: undefined, result: { outcome: 'retry', ...fate } };
      }
    },
  };
}
