/**
 * @typedef {object} Place
 * @property {string} url of the editor
 * @property {string} version of Node-RED
 * @property {string} sandboxUrl
 * @property {number} wantedPort of the editor
 */

/**
 * What npm start prints when the editor is there. With a row for each of seventeen examples it
 * fits a terminal of 80 × 24 characters.
 * @param {Place} place
 * @returns {string[]} lines
 */
export const screen = ({ url, version, sandboxUrl, wantedPort }) => [
  `Node-RED ${version} with these nodes:  ${url}/`,
  ...(new URL(url).port === String(wantedPort)
    ? ['']
    : [`(Port ${wantedPort} is in use, perhaps by your own Node-RED: this one is another.)`]),
  '  Look      at the first tab: press its button and watch the debug sidebar',
  `  APIs      to practise on with endpoints of your own: ${sandboxUrl}`,
  '  Ctrl+C    ends it; npm test checks all, npm start -- --check only the examples',
  'Each example runs once. Later a line comes for what you press, or what changes.',
];
