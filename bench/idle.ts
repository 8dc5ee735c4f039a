// A process of the benchmark that is a Node-RED with nothing to do: it starts, says what it needs of memory, and ends.
import { once } from 'node:events';
import { createServer } from 'node:http';
import RED from 'node-red';
import { residentMemory } from './support/heap';

const [, , userDir] = process.argv;
if (userDir === undefined) throw new Error('name the user directory');

// With the editor, as users have it: Node-RED holds its halves of all nodes in memory.
RED.init(createServer(), {
  userDir,
  flowFile: 'flows.json',
  credentialSecret: false,
  httpAdminRoot: '/',
  editorTheme: { tours: false },
  telemetry: { enabled: false },
  logging: { console: { level: 'error', metrics: false, audit: false } },
} as unknown as Parameters<typeof RED.init>[1]);
const started = once(RED.events, 'flows:started');
await RED.start();
await started;
process.send?.(await residentMemory());
await RED.stop();
process.exit(0);
