import { PACKAGE } from './translate';

/** Where Node-RED serves a file of the package's folder `resources`. */
export function resourceUrl(name: string): string {
  return new URL(`${RED.settings.apiRootUrl}resources/${PACKAGE}/${name}`, document.baseURI).href;
}
