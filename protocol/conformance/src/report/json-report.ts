/** The report for programs: one JSON object at the end. */
import { totalsOf, type Report } from './report.ts';

/** Writes the object with `print`, in one piece. */
export function createJsonReport(print: (text: string) => void): Report {
  return {
    section: () => undefined,
    result: () => undefined,
    end: (results) => print(JSON.stringify({ ...totalsOf(results), results }, null, 2)),
  };
}
