/** `wireline http-server` in a real browser: what is to be seen there, and what the browser says about it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { countColors, launchBrowser, networkLog, NO_BROWSER } from './browser.ts';

/** A whole file of tests takes longer than one. */
const DEADLINE_MS = 60_000;

/** Each has more than a kilobyte. */
const ROWS = 3000;

describe.skipIf(NO_BROWSER !== undefined)(
  `a browser${NO_BROWSER ? ` (${NO_BROWSER})` : ''}`,
  () => {
    let browser: Browser;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'wireline-'));
      browser = await launchBrowser();
    });

    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true });
    });

    /** Starts a server with a page, opens it at `path`, and gives it to `look`. */
    async function visit(
      { path = '/', file }: { readonly path?: string; readonly file?: string },
      look: (scene: Scene) => Promise<void>,
    ): Promise<void> {
      const args = ['127.0.0.1', '0', ...(file === undefined ? [] : [file])];
      await using server = serve(...args);
      const origin = `http://127.0.0.1:${await server.port()}`;
      const page = await browser.newPage();
      const log = networkLog(page);
      const response = await page.goto(origin + path);
      if (response === null) throw new Error(`goto ${path}: no response`);
      await look({ page, log, response, origin, server });
      await page.close();
    }

    test('the page is there: title, text, rendered in standards mode as UTF-8', async () => {
      await visit({}, async ({ page, log, response, server }) => {
        expect(response.status()).toBe(200);
        expect(response.statusText()).toBe('OK');
        expect(await page.title()).toBe('It works');
        const heading = page.getByRole('heading', { level: 1 });
        expect(await heading.innerText()).toBe('It works');
        for (const part of [heading, page.locator('#request'), page.locator('#connection')]) {
          const box = await part.boundingBox();
          expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(20);
        }
        const facts = await page.evaluate(
          '[document.compatMode, document.characterSet, document.documentElement.lang, document.scripts.length]',
        );
        expect(facts).toEqual(['CSS1Compat', 'UTF-8', 'en', 0]);
        expect(await countColors(page)).toBeGreaterThan(10); // letters have edges
        expect(log.filter((line) => !line.includes('favicon'))).toEqual(['GET / 200']);
        await server.says(/127\.0\.0\.1:\d+ GET \/ 200 \d+ bytes in \d+\.\d ms\n/);
      });
    });

    test('what it shows of the request is what the browser has sent', async () => {
      await visit({ path: '/?a=b' }, async ({ page, response, origin, server }) => {
        const lines = (await page.locator('#request').innerText()).split('\n');
        expect(lines[0]).toBe('GET /?a=b HTTP/1.1');
        const shown = new Map(
          lines.slice(1).map((line) => {
            const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? [];
            return [name.toLowerCase(), value];
          }),
        );
        const sent = await response.request().allHeaders();
        expect(shown.get('host')).toBe(new URL(origin).host);
        for (const name of [
          'user-agent',
          'accept',
          'accept-encoding',
          'upgrade-insecure-requests',
        ]) {
          expect(shown.get(name), name).toBe(sent[name]);
        }
        expect(shown.get('user-agent')).toContain('Chrome');
        const [, peer = ''] = await server.says(/(127\.0\.0\.1:\d+) GET \/\?a=b 200/);
        expect(await page.locator('dd').allInnerTexts()).toEqual([
          peer,
          new URL(origin).host,
          expect.stringMatching(/^\d+(\.\d+)? ms$/),
        ]);
      });
    });

    test.each(['light', 'dark'] as const)('it is %s where that is wanted', async (colorScheme) => {
      await visit({}, async ({ page }) => {
        await page.emulateMedia({ colorScheme });
        const paper = await page.evaluate<string>(
          'getComputedStyle(document.body).backgroundColor',
        );
        const [red = -1] = (/\d+/.exec(paper) ?? []).map(Number);
        expect(red > 128).toBe(colorScheme === 'light');
      });
    });

    test('it fits on the screen of a telephone', async () => {
      await visit({}, async ({ page }) => {
        await page.setViewportSize({ width: 360, height: 640 });
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect(width).toBe(360);
      });
    });

    test('a path that is none: a page that says so, with status 404', async () => {
      await visit({ path: '/nowhere' }, async ({ page, response }) => {
        expect(response.status()).toBe(404);
        expect(await page.title()).toBe('404 Not Found');
        expect(await page.locator('p').innerText()).toBe('There is no /nowhere here, only /.');
      });
    });

    test('a redirect is followed', async () => {
      await visit({ path: '/index.html' }, async ({ page, log, origin }) => {
        expect(log.filter((line) => !line.includes('favicon'))).toEqual([
          'GET /index.html 301',
          'GET / 200',
        ]);
        expect(page.url()).toBe(`${origin}/`);
        expect(await page.title()).toBe('It works');
      });
    });

    test.each([
      ['/<script>alert(1)</script>', '/<script>alert(1)</script>'],
      ["/'><img src=x onerror=alert(1)>", "/'><img src=x onerror=alert(1)>"],
      ['/%3Cscript%3Ealert(1)%3C%2Fscript%3E', '/<script>alert(1)</script>'],
      ['/?<script>alert(1)</script>', '/?%3Cscript%3Ealert(1)%3C/script%3E'],
    ])('%s is text, and nothing of it runs', async (path, shown) => {
      await using server = serve('127.0.0.1', '0');
      const page = await browser.newPage({
        extraHTTPHeaders: { 'X-Evil': '</pre><script>alert(2)</script>' },
      });
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(`http://127.0.0.1:${await server.port()}${path}`);
      expect(await page.locator('main').innerText()).toContain(shown);
      if (path.startsWith('/?')) {
        expect(await page.locator('#request').innerText()).toContain('X-Evil: </pre><script>');
      }
      expect(await page.locator('script, img').count()).toBe(0);
      expect(dialogs).toEqual([]);
      await page.close();
    });

    test('a file of some megabytes is whole, and http-get gets the same bytes', async () => {
      const file = join(folder, 'long.html');
      const words = 'größer als gedacht 🐰 '.repeat(50);
      const rows = Array.from({ length: ROWS }, (_, index) => `<li>${words}${index}</li>`);
      const head = '<!doctype html><html lang="de"><title>Lang</title><ol>';
      const html = `${head}${rows.join('\n')}</ol><p id="end">Ende</p></html>`;
      expect(Buffer.byteLength(html)).toBeGreaterThan(3 * 1024 * 1024);
      writeFileSync(file, html);
      await visit({ file }, async ({ page, response, origin }) => {
        expect((await response.body()).equals(Buffer.from(html))).toBe(true);
        expect(await page.locator('li').count()).toBe(ROWS);
        expect(await page.locator('li').last().innerText()).toBe(`${words}${ROWS - 1}`);
        expect(await page.locator('#end').isVisible()).toBe(true);
        await using get = Program.wireline('http-get', `${origin}/`);
        const { code, stdout } = await get.exited();
        expect({ code, isSame: stdout === html }).toEqual({ code: 0, isSame: true });
      });
    });

    test('an image of some megabytes is an image', async () => {
      const file = join(folder, 'photo.bmp');
      writeFileSync(file, bitmap(1200, 900));
      await visit({ file }, async ({ page, response }) => {
        expect(response.headers()['content-type']).toBe('image/bmp');
        const size = await page.evaluate(
          '(([image]) => [image.complete, image.naturalWidth, image.naturalHeight])(document.images)',
        );
        expect(size).toEqual([true, 1200, 900]);
      });
    });

    test('a file that has changed is shown as it is now', async () => {
      const file = join(folder, 'changing.html');
      writeFileSync(file, '<!doctype html><title>one</title>');
      await visit({ file }, async ({ page, server }) => {
        expect(await page.title()).toBe('one');
        writeFileSync(file, '<!doctype html><title>two</title>');
        await page.reload();
        expect(await page.title()).toBe('two');
        rmSync(file);
        const gone = await page.reload();
        expect(gone?.status()).toBe(404);
        expect(await page.locator('p').innerText()).toContain('not there any more');
        await server.says(/GET \/ 404 \d+ bytes in \S+ ms \(read .*changing\.html: ENOENT.*\)\n/);
      });
    });

    test('the connection is used again, and Ctrl-C does not wait for it', async () => {
      await visit({}, async ({ page, server }) => {
        await page.reload();
        await page.reload();
        server.signal('SIGINT');
        const { code, stdout } = await server.exited();
        expect(code).toBe(0);
        const peers = [...stdout.matchAll(/(127\.0\.0\.1:\d+) GET \/ 200/g)];
        expect(peers).toHaveLength(3);
        expect(new Set(peers.map(([, peer]) => peer)).size).toBe(1);
      });
    });
  },
);

/** What is looked at. */
interface Scene {
  readonly page: Page;
  readonly log: readonly string[];
  readonly response: Response;
  readonly origin: string;
  readonly server: Program;
}

function serve(...args: readonly string[]): Program {
  const command = ['packages/cli/bin/wireline.js', 'http-server', ...args];
  return Program.start(process.execPath, command, { deadlineMs: DEADLINE_MS });
}

/** A picture in BMP, 24 bits for each pixel. */
function bitmap(width: number, height: number): Buffer {
  const header = Buffer.alloc(54);
  const pixels = Buffer.alloc(width * height * 3, Buffer.from([10, 120, 200, 40, 90, 30]));
  header.write('BM', 0, 'latin1');
  header.writeUInt32LE(header.length + pixels.length, 2);
  header.writeUInt32LE(header.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, pixels]);
}
