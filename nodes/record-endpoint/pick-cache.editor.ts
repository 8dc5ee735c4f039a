/** What was read before, and when (milliseconds since the epoch). */
export interface Kept<Value> {
  readonly value: Value;
  readonly at: number;
}

const STORE = 'descriptions';
/** What this page has used; the browser's database outlives it. */
const inPage = new Map<string, Kept<unknown>>();
let database: Promise<IDBDatabase | undefined> | undefined;

/** What is known under a key. */
export async function kept<Value>(key: string): Promise<Kept<Value> | undefined> {
  const found = inPage.get(key) ?? (await stored(key));
  if (found === undefined) return undefined;
  inPage.set(key, found);
  return found as Kept<Value>;
}

/** Keeps names and types, never a value of a record. */
export function keep<Value>(key: string, value: Value, now = Date.now()): Kept<Value> {
  const entry = { value, at: now };
  inPage.set(key, entry);
  void opened().then(open => {
    try {
      open?.transaction(STORE, 'readwrite').objectStore(STORE).put(entry, key);
    } catch {
      // Without it the page knows it all the same.
    }
  });
  return entry;
}

async function stored(key: string): Promise<Kept<unknown> | undefined> {
  const open = await opened();
  if (open === undefined) return undefined;
  return new Promise(resolve => {
    try {
      const request = open.transaction(STORE).objectStore(STORE).get(key);
      request.onsuccess = () => {
        resolve(request.result as Kept<unknown> | undefined);
      };
      request.onerror = () => {
        resolve(undefined);
      };
    } catch {
      resolve(undefined);
    }
  });
}

/** A browser may have none, or refuse it. */
function opened(): Promise<IDBDatabase | undefined> {
  database ??= new Promise(resolve => {
    try {
      const request = indexedDB.open('record-updates', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE);
      };
      request.onsuccess = () => {
        resolve(request.result);
      };
      request.onerror = () => {
        resolve(undefined);
      };
    } catch {
      resolve(undefined);
    }
  });
  return database;
}
