/**
 * Keeps `inFlight` tasks running while `goOn` says so, then lets the running ones finish. Task
 * numbers start at 0. Rejects with the first failure.
 */
export async function keepInFlight(
  inFlight: number,
  goOn: (started: number) => boolean,
  task: (n: number) => Promise<void>,
): Promise<number> {
  let started = 0;
  const worker = async (): Promise<void> => {
    while (goOn(started)) await task(started++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return started;
}

/** For `goOn`: until so many tasks were started. */
export function upTo(count: number): (started: number) => boolean {
  return started => started < count;
}
