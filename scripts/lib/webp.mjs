import { readFileSync, writeFileSync } from 'node:fs';
import { launchBrowser } from './browser.mjs';

/** Letters stay sharp; about a third of the size of the picture as PNG. */
const QUALITY = 0.85;

/**
 * Makes small pictures of large ones, with a browser: it can do what a package would be needed for.
 * @param {string} chromium the browser's program
 * @param {readonly { png: string, webp: string }[]} pictures paths
 */
export async function compressPictures(chromium, pictures) {
  const browser = await launchBrowser(chromium);
  try {
    const page = await browser.newPage();
    for (const { png, webp } of pictures) {
      const source = `data:image/png;base64,${readFileSync(png, 'base64')}`;
      const data = await page.evaluate(toWebp, { source, quality: QUALITY });
      writeFileSync(webp, Buffer.from(data.replace(/^.*,/, ''), 'base64'));
    }
  } finally {
    await browser.close();
  }
}

/** Runs in the page. @param {{ source: string, quality: number }} picture */
async function toWebp({ source, quality }) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality);
}
