/** Tables in Markdown, spaced as Prettier spaces them, so that a written file passes the format check. */

/** A column: its head, and on which side its cells end. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** A column of numbers. */
export function right(head: string): Column {
  return { head, align: 'right' };
}

/** The fewest dashes that Markdown takes for a rule. */
const SHORTEST_RULE = 3;

/**
 * A table. Cells are of characters that are one column wide, which is all that a report of numbers needs.
 *
 * @param rows as many cells in each as there are columns
 */
export function markdownTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ head }, index) =>
    Math.max(SHORTEST_RULE, ...[head, ...rows.map((row) => row[index] ?? '')].map(widthOf)),
  );
  const isRight = columns.map(({ align }) => align === 'right');
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, index) => {
      const cell = cells[index] ?? '';
      const padding = ' '.repeat(width - widthOf(cell));
      return isRight[index] ? padding + cell : cell + padding;
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, index) =>
    isRight[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(columns.map(({ head }) => head)), `| ${rule.join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
}

/** In characters: those beyond U+FFFF are two units of a string. */
function widthOf(text: string): number {
  return [...text].length;
}
