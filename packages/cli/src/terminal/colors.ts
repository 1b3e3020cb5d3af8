/** Colours, on terminals only: not in pipes or files, not with `NO_COLOR`. */
import pc from 'picocolors';

/** What paints text. */
export type Colors = ReturnType<typeof pc.createColors>;

/** The colours for what is written to `stream`. */
export function colorsFor(stream: NodeJS.WritableStream & { readonly isTTY?: boolean }): Colors {
  return pc.createColors(stream.isTTY === true && !process.env['NO_COLOR']);
}
