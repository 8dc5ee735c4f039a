import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';

/** Without the types in comments, which are no exports. */
const OPTIONS: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
};

/** Names that a file exports at its top level. */
function exportsOf(text: string): string[] {
  const { statements } = ts.createSourceFile('x.ts', text, OPTIONS);
  return statements.flatMap(statement => (isExported(statement) ? namesIn(statement) : []));
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function namesIn(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (name as ts.Identifier).text);
  }
  return [(statement as ts.DeclarationStatement).name?.text ?? ''];
}

/** The files that export each name, by name. */
function exportersIn(texts: ReadonlyMap<string, string>): Map<string, string[]> {
  const exporters = new Map<string, string[]>();
  for (const [file, text] of texts) {
    // An overloaded function has several declarations in one file.
    for (const name of new Set(exportsOf(text))) {
      exporters.set(name, [...(exporters.get(name) ?? []), file]);
    }
  }
  return exporters;
}

function borneTwice(texts: ReadonlyMap<string, string>): [string, string[]][] {
  return [...exportersIn(texts)].filter(([, files]) => files.length > 1);
}

it('no two files of the engine export the same name', () => {
  const files = readdirSync(inRoot('lib'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => `lib/${file.replaceAll('\\', '/')}`);
  const texts = new Map(files.map(file => [file, readFileSync(inRoot(file), 'utf8')]));
  expect(exportersIn(texts).get('createFamily')).toEqual(['lib/api/families.ts']);
  expect(borneTwice(texts)).toEqual([]);
});

it('finds a name that two files export, whatever it names', () => {
  const texts = new Map([
    ['a', 'export const one = 1, two = 2;\nexport type Step = 1;\nconst three = 3;'],
    ['b', 'export function two() {}\nexport interface Step {}\nexport const three = 3;'],
  ]);
  expect(borneTwice(texts)).toEqual([
    ['two', ['a', 'b']],
    ['Step', ['a', 'b']],
  ]);
});
