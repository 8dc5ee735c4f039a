// An editor without what every page loads and no node of this package uses: it takes two thirds of the processor time.

/** Smaller than Monaco. */
export const LIGHT_THEME = { codeEditor: { lib: 'ace' } };

/**
 * Takes the place of Mermaid, which the editor asks for as soon as it shows a help text, and whose diagrams no text of
 * this package has.
 * @param {any} app of Express, before Node-RED's own is added
 */
export function withoutMermaid(app) {
  app.get('/vendor/mermaid/mermaid.min.js', (/** @type {any} */ _, /** @type {any} */ response) => {
    response.type('js').send('globalThis.mermaid = { initialize() {} };');
  });
}
