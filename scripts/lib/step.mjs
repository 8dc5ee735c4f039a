const SECOND_MS = 1_000;
/** Where lines cannot be rewritten, as in a log file, a sign of life comes this often. */
const LIFE_EVERY_S = 20;

/**
 * Says on standard error what is being done, and, as it goes on, for how long.
 * @template T
 * @param {string} words such as `Building`
 * @param {() => Promise<T>} work
 * @param {import('node:tty').WriteStream} [out]
 * @returns {Promise<T>}
 */
export async function step(words, work, out = process.stderr) {
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / SECOND_MS);
  out.write(out.isTTY ? `${words} …` : `${words} …\n`);
  const ticker = setInterval(() => {
    if (out.isTTY) out.write(`\r${words} … ${seconds()} s`);
    else if (seconds() % LIFE_EVERY_S === 0) out.write(`  … ${seconds()} s\n`);
  }, SECOND_MS);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
    if (out.isTTY) out.write(`\r${words}: ${seconds()} s\u001B[K\n`);
  }
}
