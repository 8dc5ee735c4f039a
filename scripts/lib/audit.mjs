import { execFile } from 'node:child_process';

/**
 * @typedef {{ name: string, severity: string, titles: string[] }} Vulnerable
 * @typedef {{ kind: 'clean' } | { kind: 'found', packages: Vulnerable[] } | { kind: 'unasked', why: string }} Audit
 */

/**
 * Asks the registry about the dependencies in the lock file of a folder, without those of development.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Audit>}
 */
export function auditPackage(folder, env = process.env) {
  const args = ['audit', '--omit=dev', '--package-lock-only', '--json'];
  const options = { cwd: folder, env, shell: process.platform === 'win32', maxBuffer: 1 << 26 };
  return new Promise(resolve => {
    // It ends with 1 both for a vulnerability and for a registry that cannot be asked: what it prints tells them apart.
    execFile('npm', args, options, (error, stdout) => {
      resolve(readAudit(stdout, error?.message ?? 'npm audit printed no report'));
    });
  });
}

/**
 * What npm audit --json has printed.
 * @param {string} text
 * @param {string} otherwise why there is no report, where the text does not tell
 * @returns {Audit}
 */
export function readAudit(text, otherwise) {
  const report = parsed(text);
  // A report without this count has not asked about anything.
  if (typeof report?.metadata?.vulnerabilities?.total !== 'number') {
    const { error, message } = report ?? {};
    return { kind: 'unasked', why: error?.summary || error?.detail || message || otherwise };
  }
  const packages = Object.entries(report.vulnerabilities ?? {}).map(([name, found]) => ({
    name,
    severity: found.severity,
    titles: found.via.map((/** @type {any} */ via) => via.title ?? `through ${via}`),
  }));
  return packages.length === 0 ? { kind: 'clean' } : { kind: 'found', packages };
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {Audit} audit */
export function inWords(audit) {
  switch (audit.kind) {
    case 'clean':
      return ['audit: no vulnerability is known in the dependencies of the package'];
    case 'found':
      return [
        'audit: VULNERABLE dependencies, not to be released like this:',
        ...audit.packages.map(
          ({ name, severity, titles }) => `  ${name} (${severity}): ${titles.join('; ')}`,
        ),
      ];
    case 'unasked':
      return [
        '!'.repeat(78),
        `!! audit: NOT CHECKED. The registry could not be asked: ${audit.why}`,
        '!! Nothing is known about vulnerabilities. Run it again with a network before a release.',
        '!'.repeat(78),
      ];
  }
}
