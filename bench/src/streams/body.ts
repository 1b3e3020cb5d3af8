/** The scenarios: one long body, in one direction, cut in one way. */

/** A body on its way. */
export interface Body {
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  /** As the client sees it: up to the server, down from it. */
  readonly direction: 'up' | 'down';
  /** In bytes: of a part that is sent, or of what the server's handler yields. */
  readonly part: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** All of them. */
export const BODIES: readonly Body[] = [
  { name: 'up-64k', title: 'to the server, parts of 64 KiB', direction: 'up', part: 64 * KIB },
  { name: 'up-1m', title: 'to the server, parts of 1 MiB', direction: 'up', part: MIB },
  {
    name: 'down-64k',
    title: 'from the server, 64 KiB at a time',
    direction: 'down',
    part: 64 * KIB,
  },
  { name: 'down-1m', title: 'from the server, 1 MiB at a time', direction: 'down', part: MIB },
];

/** How much is sent in a measurement, and before it as a warm-up; in bytes. */
export interface Lengths {
  readonly measured: number;
  readonly warmUp: number;
}

/** Of a full run: more than a machine's buffers and caches hold, and seconds at the speed of a disk. */
export const FULL_LENGTHS: Lengths = { measured: 1024 * MIB, warmUp: 2048 * MIB };

/** Of a smoke run: enough to fill the buffers on the way, which is when a sender has to wait. */
export const QUICK_LENGTHS: Lengths = { measured: 16 * MIB, warmUp: MIB };
