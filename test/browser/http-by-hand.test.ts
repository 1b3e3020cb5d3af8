/** The example `http-by-hand` in a real browser, with and without the blank line. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../examples/example.ts';
import { countColors, launchBrowser, networkLog, NO_BROWSER } from './browser.ts';

describe.skipIf(NO_BROWSER !== undefined)(
  `a browser${NO_BROWSER ? ` (${NO_BROWSER})` : ''}`,
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchBrowser();
    });

    afterAll(async () => {
      await browser?.close();
    });

    test('shows the page that was written by hand', async () => {
      await using server = start('http-by-hand', '127.0.0.1', '0');
      const page = await browser.newPage();
      const response = await page.goto(`http://127.0.0.1:${await server.port()}/`);
      expect([response?.status(), response?.statusText()]).toEqual([200, 'OK']);
      expect(await page.title()).toBe('By hand');
      expect(await page.locator('h1').innerText()).toBe('Written by hand');
      expect(await page.locator('p').first().innerText()).toMatch(/that is all .* 🐰$/);
      expect(await page.evaluate('[document.compatMode, document.characterSet]')).toEqual([
        'CSS1Compat',
        'UTF-8',
      ]);
      expect(await countColors(page)).toBeGreaterThan(10); // letters have edges
      await server.says(/127\.0\.0\.1:\d+ GET \/ HTTP\/1\.1\n/);
      await page.close();
    });

    test('without the blank line it shows an empty page: all of it is header', async () => {
      await using server = start('http-by-hand', '127.0.0.1', '0');
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${await server.port()}/`);
      const log = networkLog(page);
      await page.getByRole('link', { name: 'without the blank line' }).click();
      await page.waitForURL('**/no-blank-line');
      // Chromium takes such an answer: a header that the end of the connection ends, and no body.
      expect(log.filter((line) => !line.includes('favicon'))).toEqual(['GET /no-blank-line 200']);
      expect(await page.title()).toBe('');
      expect(await page.locator('body').innerText()).toBe('');
      expect(await countColors(page)).toBe(1);
      await server.says(/127\.0\.0\.1:\d+ GET \/no-blank-line HTTP\/1\.1\n/);
      await page.close();
    });
  },
);
