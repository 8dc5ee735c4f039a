import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';

type Graph = ReadonlyMap<string, readonly string[]>;

/** Files of the engine and what each of them imports, types included. */
function importsBelow(folder: string): Graph {
  const files = readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => `${folder}/${file.replaceAll('\\', '/')}`);
  const importsOf = (file: string): string[] =>
    ts
      .preProcessFile(readFileSync(inRoot(file), 'utf8'))
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => `${join(dirname(file), fileName).replaceAll('\\', '/')}.ts`);
  return new Map(files.map(file => [file, importsOf(file)]));
}

/** The first way found that leads back to where it began. */
function circleIn(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...way, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

it('no file of the engine reaches itself through its imports', () => {
  const graph = importsBelow('lib');
  expect(graph.size).toBeGreaterThan(100);
  expect(graph.get('lib/update/loop.ts')).toContain('lib/update/decide.ts');
  expect(circleIn(graph)).toBeUndefined();
});

it('finds a circle where there is one', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['c']],
  ]);
  expect(circleIn(graph)).toEqual(['c', 'd', 'c']);
});
