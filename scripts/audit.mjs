// npm run test:audit: whether the registry knows vulnerabilities in what the package installs with its users. Part of a
// release, not of npm test, which works without a network. Ends with 0: none known, 1: some, 2: nobody could be asked.
import { auditPackage, inWords } from './lib/audit.mjs';
import { ROOT } from './lib/root.mjs';

const audit = await auditPackage(ROOT);
for (const line of inWords(audit)) console.log(line);
process.exitCode = { clean: 0, found: 1, unasked: 2 }[audit.kind];
