// An editor without what every page loads and no node of this package uses: it takes two thirds of the processor time.

/** Smaller than Monaco. */
const THEME = { codeEditor: { lib: 'ace' } };

/** Nodes of Node-RED in no flow of this package, by their files: each has a form, a help and places in two lists. */
const UNUSED = [
  '05-tls.js',
  '06-httpproxy.js',
  '10-file.js',
  '10-mqtt.js',
  '16-range.js',
  '18-sort.js',
  '19-batch.js',
  '22-websocket.js',
  '23-watch.js',
  '31-tcpin.js',
  '32-udp.js',
  '70-HTML.js',
  '70-JSON.js',
  '70-XML.js',
  '70-YAML.js',
  '89-trigger.js',
  '90-exec.js',
  'rbe.js',
];

/** Where Node-RED serves what stays as it is as long as it runs. */
const UNCHANGING = ['/red', '/vendor', '/icons', '/debug', '/locales', '/resources'];

/** Settings of Node-RED. */
export const LIGHT = { editorTheme: THEME, nodesExcludes: UNUSED };

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

/**
 * Lets the browser keep files. Each page would ask for sixty of them, and be told that it has them.
 * @param {any} app of Express, before Node-RED's own is added
 */
export function withCache(app) {
  app.use(
    UNCHANGING,
    (/** @type {any} */ _, /** @type {any} */ response, /** @type {any} */ next) => {
      response.set('Cache-Control', 'max-age=86400');
      next();
    },
  );
}
