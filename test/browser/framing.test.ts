/** `@wireline/framing` in a real browser: bundled, without anything of Node's, and no larger than it says. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { build, defaultClientConditions, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, NO_BROWSER } from './browser.ts';

const KiB = 1024;

/**
 * What a page pays, minified and with gzip: for all of the package, and when it only reads lines, 8.2 KiB at the time of
 * writing. A change that takes more is to be meant.
 */
const WHOLE_LENGTH = 24 * KiB;
const LINES_LENGTH = 9 * KiB;

const LINES = Array.from({ length: 1000 }, (_, index) => `Zeile ${index} 🐰`);

describe('the bundle', () => {
  test.each([
    ['all of it', `export * from '@wireline/framing';`, WHOLE_LENGTH],
    ['what reads lines', `export { lines, readFrames } from '@wireline/framing';`, LINES_LENGTH],
  ])('%s is small, and imports nothing', async (_name, source, limit) => {
    const { code, imports } = await bundle(source);
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/node:|browser-external/);
    expect(gzipSync(code).length).toBeLessThan(limit);
  });
});

describe.skipIf(NO_BROWSER !== undefined)(
  `a browser${NO_BROWSER ? ` (${NO_BROWSER})` : ''}`,
  () => {
    let browser: Browser;
    let site: Site;
    let page: Page;

    beforeAll(async () => {
      const [script, launched] = await Promise.all([
        bundle(`export * from '/test/browser/framing-page.ts';`),
        launchBrowser(),
      ]);
      browser = launched;
      site = await serve(script.code);
      page = await browser.newPage();
      await page.goto(site.url);
      await page.addScriptTag({ url: '/page.js', type: 'module' });
      await page.waitForFunction('globalThis.page !== undefined');
    });

    afterAll(async () => {
      await browser?.close();
      site?.server.close();
    });

    test('each framing passes the verifier, and encodes what it decodes', async () => {
      const outcomes = await page.evaluate<Record<string, string>>('page.verify()');
      expect(Object.keys(outcomes).length).toBeGreaterThan(15);
      expect(outcomes).toEqual(
        Object.fromEntries(Object.keys(outcomes).map((name) => [name, 'passed'])),
      );
    });

    test('streams of frames are piped through', async () => {
      const words = ['one', '', 'drei', '🐰'];
      expect(await page.evaluate(`page.pipe(${JSON.stringify(words)})`)).toEqual(words);
    });

    test('a frame above the limit ends both ends of a stream', async () => {
      const code = 'frame-too-large';
      expect(await page.evaluate('page.overlong()')).toEqual([code, code, code]);
    });

    test('the body of a fetch is read, frame by frame', async () => {
      expect(await page.evaluate(`page.fetchLines('/lines')`)).toEqual(LINES);
      expect(await page.evaluate(`page.fetchThroughReader('/lines')`)).toEqual(LINES);
      const lengths = LINES.map((line) => Buffer.byteLength(line));
      expect(await page.evaluate(`page.fetchLengths('/lines')`)).toEqual(lengths);
    });

    test('leaving the loop closes the connection', async () => {
      expect(await page.evaluate(`page.fetchLines('/endless', 2)`)).toEqual(['tick', 'tick']);
      await site.closed;
    });
  },
);

/** What the page is given. */
interface Site {
  readonly server: Server;
  readonly url: string;
  /** Resolves when somebody has gone away from what never ends. */
  readonly closed: Promise<void>;
}

async function serve(script: string): Promise<Site> {
  let onClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  const server = createServer((request, response) => {
    switch (request.url) {
      case '/page.js':
        response.setHeader('content-type', 'text/javascript').end(script);
        break;
      case '/lines': {
        // In chunks that end in the middle of lines and of characters.
        const body = Buffer.from(LINES.map((line) => `${line}\n`).join(''));
        for (let at = 0; at < body.length; at += 777) response.write(body.subarray(at, at + 777));
        response.end();
        break;
      }
      case '/endless':
        response.on('close', onClosed);
        response.write('tick\ntick\ntick\n');
        break;
      default:
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>Frames</title>');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // it listens on a port
  return { server, url: `http://127.0.0.1:${port}/`, closed };
}

/** The name of what is bundled, which is no file. */
const ENTRY = '\0entry';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The script that `source` becomes, and what it would still import. */
async function bundle(
  source: string,
): Promise<{ readonly code: string; readonly imports: readonly string[] }> {
  const result = await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? source : undefined),
      },
    ],
    resolve: { conditions: ['wireline-source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: ENTRY, preserveEntrySignatures: 'strict' },
    },
  });
  // One entry in one format gives one bundle.
  const { output } = result as Rolldown.RolldownOutput;
  const [{ code, imports, dynamicImports }, ...others] = output;
  return { code, imports: [...imports, ...dynamicImports, ...others.map((each) => each.fileName)] };
}
