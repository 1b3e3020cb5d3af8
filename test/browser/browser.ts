/**
 * A real browser for tests: the Chromium of this machine without a window, driven by playwright-core.
 *
 * It is the one that `WIRELINE_BROWSER` names, or the first of the usual names in `PATH`. Nothing is downloaded: where
 * there is none, the tests are skipped and say so, unless `WIRELINE_REQUIRE_BROWSER=1` makes that a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/** What distributions call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser's program; `undefined` where there is none. */
export const BROWSER = findBrowser();

/** Why tests that need a browser are skipped; `undefined` where they are not. */
export const NO_BROWSER =
  BROWSER === undefined && process.env['WIRELINE_REQUIRE_BROWSER'] !== '1'
    ? `no browser: none of ${NAMES.join(', ')} in PATH, and no WIRELINE_BROWSER`
    : undefined;

/** Starts the browser. Each page of it is as good as a browser of its own: nothing is cached or remembered. */
export async function launchBrowser(): Promise<Browser> {
  if (BROWSER === undefined) {
    throw new Error(`launch a browser: none of ${NAMES.join(', ')} is in PATH; install chromium`);
  }
  return chromium.launch({
    executablePath: BROWSER,
    // Its sandbox does not work for root, and what it sees here is ours.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** What a page asked for and what came, in the order in which it came: `GET / 200`, `GET /x net::ERR_...`. */
export function networkLog(page: Page): string[] {
  const lines: string[] = [];
  page.on('response', (response) => {
    const request = response.request();
    lines.push(`${request.method()} ${new URL(request.url()).pathname} ${response.status()}`);
  });
  page.on('requestfailed', (request) => {
    const { pathname } = new URL(request.url());
    lines.push(`${request.method()} ${pathname} ${request.failure()?.errorText}`);
  });
  return lines;
}

/** How many colours the page has on the screen: one means that nothing is to be seen. */
export async function countColors(page: Page): Promise<number> {
  const picture = (await page.screenshot()).toString('base64');
  // Decoded in a page of its own: the one under test forbids scripts.
  const other = await page.context().browser()?.newPage();
  if (other === undefined) throw new Error('count colours: the page has no browser');
  try {
    return await other.evaluate<number>(`(${COUNT_COLORS})('${picture}')`);
  } finally {
    await other.close();
  }
}

/** Runs in the browser, so it is text here. */
const COUNT_COLORS = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  return new Set(new Uint32Array(pixels.buffer)).size;
}`;

function findBrowser(): string | undefined {
  const named = process.env['WIRELINE_BROWSER'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
