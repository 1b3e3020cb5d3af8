/**
 * Takes a Markdown file apart: its prose, its code, and the anchors that links can lead to.
 *
 * Imperfect: it is read by line, not by the whole of CommonMark. A link cut by a line break inside its address
 * is not seen, and code that is set by indentation alone counts as prose.
 */
import { lineAt } from './workspace.mjs';

/**
 * A Markdown file, taken apart: `prose` is its text with every fence and code span blanked out, so that the
 * lines keep their numbers.
 *
 * @typedef {object} Page
 * @property {string} file
 * @property {string} prose
 * @property {Fence[]} fences
 * @property {Snippet[]} spans
 * @property {Set<string>} anchors
 */
/** @typedef {{ line: number, text: string }} Snippet a piece of code, and the line on which it begins */
/** @typedef {Snippet & { language: string }} Fence `text` is what stands between the two fence lines */

/**
 * @param {string} file
 * @param {string} text
 * @returns {Page}
 */
export function readPage(file, text) {
  /** @type {Fence[]} */
  const fences = [];
  /** @type {string[]} */
  const prose = [];
  /** @type {{ mark: string, indent: string, language: string, line: number, lines: string[] } | undefined} */
  let open;
  for (const [index, line] of text.split('\n').entries()) {
    if (open !== undefined) {
      const { mark, indent, language, line: start, lines } = open;
      if (line.trim().startsWith(mark) && line.trim().replaceAll(mark[0] ?? '', '') === '') {
        fences.push({ language, line: start, text: lines.join('\n') });
        open = undefined;
      } else {
        lines.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
      }
      prose.push('');
      continue;
    }
    const start = /^(\s*(?:[-*+]\s+|\d+\.\s+|>\s*)?)(`{3,}|~{3,})\s*([\w-]*)/.exec(line);
    if (start === null) {
      prose.push(line);
    } else {
      const [, lead = '', mark = '', language = ''] = start;
      open = { mark, indent: ' '.repeat(lead.length), language, line: index + 1, lines: [] };
      prose.push('');
    }
  }

  /** @type {Snippet[]} */
  const spans = [];
  const outside = prose.join('\n').replaceAll(/<!--[\s\S]*?-->/g, blank);
  const withoutSpans = outside.replaceAll(
    /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g,
    (
      /** @type {string} */ whole,
      _mark,
      /** @type {string} */ code,
      /** @type {number} */ offset,
    ) => {
      spans.push({ text: code, line: lineAt(outside, offset) });
      return blank(whole);
    },
  );
  return { file, prose: withoutSpans, fences, spans, anchors: anchorsOf(outside) };
}

/** @param {string} text @returns {string} as long, with as many lines, and empty */
function blank(text) {
  return text.replaceAll(/[^\n]/g, ' ');
}

/**
 * The anchors that a page offers, named as GitHub names them.
 *
 * @param {string} text
 * @returns {Set<string>}
 */
function anchorsOf(text) {
  /** @type {Set<string>} */
  const anchors = new Set();
  for (const [, title = ''] of text.matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const words = title.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/<[^>]+>/g, '');
    const slug = words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id = ''] of text.matchAll(/<[a-z][^>]*\s(?:id|name)="([^"]+)"/gi)) anchors.add(id);
  return anchors;
}
