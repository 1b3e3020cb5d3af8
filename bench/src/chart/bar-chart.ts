/**
 * Horizontal bars as SVG: a column of panels, each with a scale of its own that begins at 0.
 *
 * The same input gives the same bytes: widths are computed, no text is measured, and numbers have one decimal.
 * Fonts are the reader's, so labels have room for the widest of the usual ones. The chart has a background of
 * its own, light or dark as the reader prefers, since a page that shows it may be either whatever they prefer.
 */

/** One bar. */
export interface Bar {
  readonly label: string;
  /** Its length, at least 0. */
  readonly value: number;
  /** The value, for people. */
  readonly text: string;
  /** Whether it is the one to look at. */
  readonly isOurs: boolean;
}

/** Bars with one scale, in the order in which they are shown. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** What the chart shows. */
export interface BarChart {
  readonly title: string;
  /** Behind the title: how it is to be read. */
  readonly note: string;
  readonly panels: readonly Panel[];
}

/** In the units of the picture, which are pixels where it is shown at its size. */
const WIDTH = 720;
const MARGIN = 24;
const TITLE_HEIGHT = 34;
const PANEL_TITLE_HEIGHT = 34;
const ROW_HEIGHT = 24;
const BAR_HEIGHT = 16;

/** From the bottom of a bar to the line that its text stands on. */
const BASELINE = 12.5;

/** Where bars begin: labels have up to 16 characters of 8 units. */
const BARS_LEFT = MARGIN + 136;

/** Behind the longest bar there is room for its number. */
const LONGEST = WIDTH - MARGIN - BARS_LEFT - 64;

/** A bar that is too short to be seen would look like none. */
const SHORTEST = 1.5;

/** Text has at least 7 times the contrast of its background, and bars 3 times. */
const STYLE = `
    .card { fill: #ffffff; stroke: #d1d9e0; }
    text { fill: #1f2328; font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; }
    .title { font-size: 15px; font-weight: 600; }
    .panel, .ours { font-weight: 600; }
    .note, .value { fill: #4a525b; }
    .label { text-anchor: end; }
    .value { font-variant-numeric: tabular-nums; }
    .bar { fill: #818b98; }
    .bar-ours { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d; }
      text { fill: #f0f6fc; }
      .note, .value { fill: #b7bdc8; }
      .bar { fill: #656c76; }
      .bar-ours { fill: #4493f8; }
    }
  `;

/** The chart as a document of its own. */
export function createBarChart({ title, note, panels }: BarChart): string {
  const height =
    2 * MARGIN +
    TITLE_HEIGHT +
    panels.reduce((sum, { bars }) => sum + PANEL_TITLE_HEIGHT + bars.length * ROW_HEIGHT, 0);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escape(title)}</title>`,
    `  <desc id="description">${escape(describe(panels))}</desc>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    `  <text class="title" x="${MARGIN}" y="${MARGIN + 14}">${escape(title)} <tspan class="note" font-weight="400">(${escape(note)})</tspan></text>`,
  ];
  let top = MARGIN + TITLE_HEIGHT;
  for (const { title: heading, bars } of panels) {
    lines.push(`  <text class="panel" x="${MARGIN}" y="${top + 14}">${escape(heading)}</text>`);
    top += PANEL_TITLE_HEIGHT - 8;
    const largest = Math.max(...bars.map(({ value }) => value));
    for (const bar of bars) {
      lines.push(...drawBar(bar, { top, scale: largest > 0 ? LONGEST / largest : 0 }));
      top += ROW_HEIGHT;
    }
    top += 8;
  }
  return `${[...lines, '</svg>'].join('\n')}\n`;
}

function drawBar(
  { label, value, text, isOurs }: Bar,
  { top, scale }: { readonly top: number; readonly scale: number },
): string[] {
  const width = Math.max(SHORTEST, value * scale);
  const baseline = top + BASELINE;
  return [
    `  <text class="label${isOurs ? ' ours' : ''}" x="${BARS_LEFT - 10}" y="${baseline}">${escape(label)}</text>`,
    `  <rect class="${isOurs ? 'bar-ours' : 'bar'}" x="${BARS_LEFT}" y="${top}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `  <text class="value" x="${(BARS_LEFT + width + 8).toFixed(1)}" y="${baseline}">${escape(text)}</text>`,
  ];
}

/** The same in words, for whoever does not see it. */
function describe(panels: readonly Panel[]): string {
  return panels
    .map(({ title, bars }) => {
      return `${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}.`;
    })
    .join(' ');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
