/** The report for people: a line for each check, and all that passed between the two where one failed. */
import { createColors } from 'picocolors';
import type { Entry } from '../trial/transcript.ts';
import { totalsOf, type Report } from './report.ts';

/** How the report looks. */
export interface TextReportOptions {
  /** Whether the terminal has colours. */
  readonly color: boolean;
  /** Whether what was sent and what came is shown of checks that pass, too. */
  readonly verbose: boolean;
}

/** Of a long transcript the beginning and the end are worth the room. */
const SHOWN_ENTRIES = 24;

const ARROWS = { sent: '->', came: '<-', event: '--' } as const;

/** Writes lines with `print`, each without its line end. */
export function createTextReport(
  print: (line: string) => void,
  options: TextReportOptions,
): Report {
  const { green, red, yellow, dim, bold } = createColors(options.color);
  const marks = { passed: green('ok'), failed: red('FAILED'), skipped: yellow('skipped') };

  function printTranscript(entries: readonly Entry[]): void {
    const several = entries.some((entry) => entry.connection > 1);
    for (const { connection, kind, text } of withoutMiddle(entries)) {
      const place = several && connection > 0 ? `${connection} ` : '';
      print(dim(`         ${place}${ARROWS[kind]} ${text}`));
    }
  }

  return {
    remark(text) {
      print(text);
    },
    section(_name, title) {
      print('');
      print(bold(title));
    },
    result({ name, outcome, expected, came, notes, transcript, ms }) {
      const slow = ms >= 1000 ? dim(` (${(ms / 1000).toFixed(1)} s)`) : '';
      print(`  ${marks[outcome]} ${name}${slow}`);
      for (const note of notes) print(dim(`       ${note}`));
      if (expected !== undefined) print(`       expected: ${expected}`);
      if (came !== undefined) print(`       instead:  ${came}`);
      if (outcome === 'failed' || options.verbose) printTranscript(transcript);
    },
    end(results) {
      const { passed, failed, skipped } = totalsOf(results);
      print('');
      const parts = [
        green(`${passed} passed`),
        failed > 0 ? red(`${failed} failed`) : '0 failed',
        skipped > 0 ? yellow(`${skipped} skipped`) : '',
      ];
      print(parts.filter((part) => part !== '').join(', '));
    },
  };
}

function withoutMiddle(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length <= SHOWN_ENTRIES) return entries;
  const half = SHOWN_ENTRIES / 2;
  const text = `... ${entries.length - SHOWN_ENTRIES} more`;
  return [
    ...entries.slice(0, half),
    { connection: 0, kind: 'event', text },
    ...entries.slice(-half),
  ];
}
