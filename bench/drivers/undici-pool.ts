import { Pool } from 'undici';
import { ODATA_HEADERS, recordPath, WRITE_HEADERS, type Driver, type Job } from './driver';

interface Row {
  readonly '@odata.etag'?: string;
}

/** The least a client can do: a plain undici pool, no Node-RED. */
export function openUndiciPool(url: string): Driver {
  const pool = new Pool(url, { connections: 128, pipelining: 1 });
  return {
    run: async job => {
      await updateOnce(pool, job);
      return { outcome: 'updated' };
    },
    close: () => pool.destroy(),
  };
}

async function updateOnce(pool: Pool, job: Job): Promise<void> {
  const path = recordPath(job);
  const read = await pool.request({ method: 'GET', path, headers: ODATA_HEADERS });
  const before = (await read.body.json()) as Row;
  const version = before['@odata.etag'];
  if (read.statusCode !== 200 || version === undefined) throw new Error('no version was read');
  const headers = { ...WRITE_HEADERS, 'If-Match': version };
  const body = JSON.stringify(job.changes);
  const written = await pool.request({ method: 'PATCH', path, headers, body });
  const after = (await written.body.json()) as Row;
  if (written.statusCode !== 200 || after['@odata.etag'] === version) {
    throw new Error(`the write was not accepted: ${written.statusCode}`);
  }
}
