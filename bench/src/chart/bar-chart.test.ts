/** The chart: what it says, where its bars are, and that it is XML that anybody can read. */
import { describe, expect, test } from 'vitest';
import { createBarChart, type Bar, type BarChart } from './bar-chart.ts';

function bar(label: string, value: number, isOurs = false): Bar {
  return { label, value, text: `${value} µs`, isOurs };
}

const CHART: BarChart = {
  title: 'Cost',
  note: 'shorter is cheaper',
  panels: [
    { title: 'few', bars: [bar('ours', 5, true), bar('theirs', 10), bar('tiny', 0)] },
    { title: 'many', bars: [bar('theirs', 2)] },
  ],
};

/** The attributes of all elements of a name, in the order of the document. */
function elementsOf(svg: string, name: string): Record<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${name} ([^>]*)>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        value,
      ]),
    ),
  );
}

function barsOf(svg: string): Record<string, string>[] {
  return elementsOf(svg, 'rect').filter(({ class: name }) => name?.startsWith('bar'));
}

/** What does not hold of XML with the elements of a chart; empty if all is well. */
function xmlProblems(svg: string): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  for (const [tag, slash, name = '', end] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (slash === '/' && open.pop() !== name) problems.push(`${tag} closes another`);
    if (slash === '' && end === '') open.push(name);
  }
  const text = svg.replaceAll(/<[^<>]*>/g, '');
  if (/<|>|&(?!(?:amp|lt|gt|quot);)/.test(text)) problems.push('a character is not escaped');
  return [...problems, ...open.map((name) => `${name} is not closed`)];
}

describe('bars', () => {
  test('are as long as their values, with a scale for each panel', () => {
    const [ours, theirs, , another] = barsOf(createBarChart(CHART)).map(({ width }) =>
      Number(width),
    );
    expect(ours).toBeCloseTo((theirs ?? 0) / 2, 1);
    expect(another).toBe(theirs);
  });

  test('can be seen, however short, and stay within the picture with their numbers', () => {
    const svg = createBarChart(CHART);
    const [picture] = elementsOf(svg, 'svg');
    for (const { x, width } of barsOf(svg)) {
      expect(Number(width)).toBeGreaterThan(1);
      expect(Number(x) + Number(width)).toBeLessThan(Number(picture?.['width']) - 60);
    }
  });

  test('stand below each other, in their order, within the picture', () => {
    const svg = createBarChart(CHART);
    const tops = barsOf(svg).map(({ y }) => Number(y));
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    expect(new Set(tops).size).toBe(4);
    const [picture] = elementsOf(svg, 'svg');
    expect((tops.at(-1) ?? 0) + 16).toBeLessThan(Number(picture?.['height']));
  });

  test('of ours stand out', () => {
    const svg = createBarChart(CHART);
    expect(barsOf(svg).map(({ class: name }) => name)).toEqual(['bar-ours', 'bar', 'bar', 'bar']);
    expect(svg).toMatch(/class="label ours"[^>]*>ours</);
  });

  test('may all be 0', () => {
    const svg = createBarChart({ ...CHART, panels: [{ title: 'none', bars: [bar('none', 0)] }] });
    expect(svg).not.toContain('NaN');
  });
});

describe('the document', () => {
  test('is XML, also with what XML has a meaning for', () => {
    const odd = { ...CHART, title: 'a < b & "c"', panels: [{ title: '<>', bars: [bar('&', 1)] }] };
    expect(xmlProblems(createBarChart(CHART))).toEqual([]);
    expect(xmlProblems(createBarChart(odd))).toEqual([]);
    expect(createBarChart(odd)).toContain('a &lt; b &amp; &quot;c&quot;');
  });

  test('says in words what it shows', () => {
    const svg = createBarChart(CHART);
    const [picture] = elementsOf(svg, 'svg');
    expect(picture).toMatchObject({ role: 'img', 'aria-labelledby': 'title description' });
    expect(svg).toContain('<title id="title">Cost</title>');
    expect(svg).toContain('few: ours 5 µs, theirs 10 µs, tiny 0 µs. many: theirs 2 µs.</desc>');
  });

  test('is the same each time', () => {
    expect(createBarChart(CHART)).toBe(createBarChart(CHART));
  });

  test.each([
    ['light', /^ {4}\.card \{ fill: (#\w+)/m, /^ {4}text \{ fill: (#\w+)/m],
    ['dark', /^ {6}\.card \{ fill: (#\w+)/m, /^ {6}text \{ fill: (#\w+)/m],
  ])('can be read: %s', (_, card, text) => {
    const svg = createBarChart(CHART);
    const [background, foreground] = [card, text].map((pattern) => pattern.exec(svg)?.[1] ?? '');
    expect(contrastOf(background ?? '', foreground ?? '')).toBeGreaterThan(7);
  });
});

/** The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
function contrastOf(...colours: readonly [string, string]): number {
  const [low = 0, high = 0] = colours.map(luminanceOf).toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** The relative luminance of `#rrggbb`. */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
