// npm run test:scorecard: the checks of the Flow Library that need the network; test/package/installed/scorecard.test.ts
// makes the others. Part of a release. Ends with 0: all pass, 1: some do not, 2: nobody could be asked.
import { makeScorecard, scorecardInWords } from './lib/scorecard.mjs';
import { withTempDir } from './lib/temp.mjs';

const card = await withTempDir('scorecard', makeScorecard);
for (const line of scorecardInWords(card)) console.log(line);
process.exitCode = card.kind === 'unasked' ? 2 : Number(card.failed.length > 0);
