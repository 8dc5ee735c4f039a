import { readdirSync } from 'node:fs';
import { inRoot } from './root.mjs';

/** The language that all others are translations of, and that Node-RED falls back to. */
export const ENGLISH = 'en-US';

/** Every folder of texts is a language, English first. */
export const LANGUAGES = [
  ENGLISH,
  ...readdirSync(inRoot('locales'))
    .filter(name => name !== ENGLISH)
    .sort(),
];
