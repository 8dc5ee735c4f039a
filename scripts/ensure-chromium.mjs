import { findProgram, installPackage, isProgram } from './lib/debian.mjs';

/** Draws no windows and tabs of its own: the tests take half the processor time. */
const SHELL = 'chromium-headless-shell';
const NAMES = [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The browser for the editor tests: CHROMIUM_PATH, one that is installed, or Debian's, which is
 * installed when this process may do so.
 * @returns {Promise<string | undefined>} its path; undefined: there is none, and a message said so
 */
export async function ensureChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted && !isProgram(wanted)) {
    throw new Error(`CHROMIUM_PATH names ${wanted}, which is not a program`);
  }
  const found = wanted || find();
  if (found) return found;
  const isInstalled = await installPackage(SHELL, 'the browser tests');
  if (!isInstalled) await installPackage('chromium', 'the browser tests');
  const installed = find();
  if (!installed) {
    console.warn(
      '\n*** No Chromium found: the browser tests are NOT run. Install Chromium or Chrome, or set ' +
        'CHROMIUM_PATH to its program. ***\n',
    );
  }
  return installed;
}

function find() {
  return findProgram(NAMES) ?? [MAC].find(isProgram);
}
