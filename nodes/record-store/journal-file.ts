import { join } from 'node:path';

/** The file that keeps a store's seen events. The node's id outlives deploys and restarts, its name may not. */
export function journalFile(userDir: string, storeId: string): string {
  return join(userDir, 'record-updates', `${fileName(storeId)}.seen-events.journal`);
}

/** What encodeURIComponent leaves as it is, but not every file system does. */
const UNSAFE = /[.*!'()~]/g;

function fileName(id: string): string {
  return encodeURIComponent(id).replace(
    UNSAFE,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
