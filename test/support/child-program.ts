import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Makes a program of a TypeScript module, for processes that a test may kill.
 * @param module absolute path
 * @param call what the program does with what the module exports, as an expression: `work(process.argv[2])`
 * @returns path of the program, within the folder
 */
export async function childProgram(folder: string, module: string, call: string): Promise<string> {
  const outfile = join(folder, 'program.cjs');
  const name = /^\w+/.exec(call)?.[0] ?? '';
  const contents = `import { ${name} } from ${JSON.stringify(module)}; void ${call};`;
  const stdin = { contents, resolveDir: folder };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs' });
  return outfile;
}
