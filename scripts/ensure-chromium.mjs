import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from './lib/exec.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
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
  if (mayInstall()) await installChromium();
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
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const programs = NAMES.flatMap(name => folders.map(folder => path.join(folder, name)));
  return [...programs, MAC].find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const mayInstall = () => process.getuid?.() === 0 && isProgram('/usr/bin/apt-get');

async function installChromium() {
  console.log('Installing Chromium for the browser tests (apt-get) …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  let result = await run('apt-get', ['update'], { env });
  if (result.code === 0) result = await run('apt-get', install, { env });
  if (result.code !== 0) console.warn(`Chromium could not be installed:\n${result.output}`);
}
