/**
 * The pages that the server writes itself.
 *
 * They have no scripts, load nothing from elsewhere, and work without style sheets. Part of what they show comes from
 * whoever asked, so everything that is put in is escaped, and the browser is told to run nothing ({@link PAGE_HEADERS}).
 */

/** What the browser is told about each of these pages, beside its length. */
export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const; // names and values, not any strings

/** A name and what it stands for, a row of a table. */
export type Fact = readonly [name: string, value: string];

/** What the page about a request shows. */
export interface RequestFacts {
  /** `GET / HTTP/1.1` */
  readonly requestLine: string;
  /** As they came, in their order. */
  readonly headers: readonly Fact[];
  readonly connection: readonly Fact[];
}

/** The page of a server that has no file to show: what the browser has sent, and over which connection. */
export function requestPage({ requestLine, headers, connection }: RequestFacts): string {
  const lines = headers.map(([name, value]) => `<b>${escapeHtml(name)}:</b> ${escapeHtml(value)}`);
  const facts = connection.map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt>\n<dd>${escapeHtml(value)}</dd>`,
  );
  return page('It works', [
    '<p>This page came over a socket of Wireline. Your browser asked for it with these lines:</p>',
    `<pre id="request">${[escapeHtml(requestLine), ...lines].join('\n')}</pre>`,
    '<p>A blank line ended them. They came over this connection:</p>',
    `<dl id="connection">\n${facts.join('\n')}\n</dl>`,
  ]);
}

/** The page that goes with a status other than 200. */
export function statusPage(title: string, sentence: string): string {
  return page(title, [`<p>${escapeHtml(sentence)}</p>`]);
}

/** `text` as HTML that shows it: nothing in it is an element, or ends an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, content: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content.join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6579; --paper: #fbfaf7; --sheet: #fff; --line: #e3e0d8; --mark: #1f6f5c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa4b8; --paper: #14171d; --sheet: #1b2028; --line: #2d3440; --mark: #6fc7ae; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 12vh 1.5rem 4rem; }
h1 { margin: 0 0 1rem; font-size: 2.4rem; line-height: 1.15; letter-spacing: -0.02em; }
h1::after { content: ''; display: block; width: 3rem; height: 4px; margin-top: 1rem; border-radius: 2px; background: var(--mark); }
p { margin: 1.5rem 0 0.75rem; }
pre, dl { margin: 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--sheet); font: 14px/1.65 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
b, dt { font-weight: 400; color: var(--mark); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1.5rem; }
dd { margin: 0; overflow-wrap: anywhere; }
`;
