import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../../scripts/lib/root.mjs';

/** The pages that people read, as paths below the root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(inRoot('docs'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => path.posix.join('docs', file.replaceAll(path.sep, '/')))
    .sort(),
];

export function pageText(page: string): string {
  return readFileSync(inRoot(page), 'utf8');
}

/** Where the links and pictures of a page lead, without those in code. */
export function linksOf(page: string): string[] {
  const text = pageText(page)
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(([^()\s]+)\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  return [...inline, ...references].map(([, target = '']) => target);
}

export function isExternal(link: string): boolean {
  return /^[a-z]+:/.test(link);
}

/** File (below the root) and anchor that a link leads to from a page. */
export function targetOf(page: string, link: string): { file: string; anchor: string } {
  const [relative = '', anchor = ''] = link.split('#');
  const file = relative === '' ? page : path.posix.join(path.posix.dirname(page), relative);
  return { file, anchor };
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): string[] {
  const headings = [
    ...pageText(page)
      .replace(/^```.*?^```/gms, '')
      .matchAll(/^#+ (.*)$/gm),
  ];
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The text blocks of a page in one language, such as `json`. */
export function blocksOf(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms');
  return [...pageText(page).matchAll(fence)].map(([, block = '']) => block);
}
