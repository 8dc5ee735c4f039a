// npm run docs: makes what the docs have from the code anew: the page of the settings, and the picture of an update.
import { writeFile } from 'node:fs/promises';
import { ensureInstalled } from './lib/install.mjs';
import { PICTURE, picture } from './lib/picture.mjs';

await ensureInstalled();
const { SETTINGS_PAGE, settingsPage } = await import('./lib/settings-page.mjs');
await writeFile(SETTINGS_PAGE, await settingsPage());
await writeFile(PICTURE, picture());
