/**
 * @typedef {object} Place
 * @property {string} url of the editor
 * @property {string} version of Node-RED
 * @property {string} sandboxUrl
 * @property {number} wantedPort of the editor
 */

/**
 * What npm start prints when the editor is there. With a row for each of nineteen examples it
 * fits a terminal of 80 × 24 characters.
 * @param {Place} place
 * @returns {string[]} lines
 */
export const screen = ({ url, version, sandboxUrl, wantedPort }) => {
  // Perhaps by the user's own Node-RED: this one is another.
  const isOther = new URL(url).port !== String(wantedPort);
  const why = isOther ? ` (Port ${wantedPort} is in use)` : '';
  return [
    `Node-RED ${version} with these nodes:  ${url}/${why}`,
    '  Look      at the first tab: press its button and watch the debug sidebar',
    `  APIs      to practise on with endpoints of your own: ${sandboxUrl}`,
    '  Ctrl+C    ends it. Each example runs once; later a line comes for what is new.',
  ];
};
