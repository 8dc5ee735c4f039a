// npm start without its install and build, in the user directory it is told, with the examples of
// the folder it is told.
import { loadExamples } from '../../scripts/lib/examples.mjs';
import { showExamples } from '../../scripts/lib/show-examples.mjs';

const [, , userDir = '', folder = ''] = process.argv;
const examples = loadExamples().filter(({ name }) => name.startsWith(folder));
await showExamples(userDir, examples, url => process.send?.(url));
