/** The report for programs: one JSON object at the end. */
import { totalsOf, type Report } from './report.ts';

/** Writes the object with `print`, in one piece. */
export function createJsonReport(print: (text: string) => void): Report {
  const remarks: string[] = [];
  return {
    remark: (text) => void remarks.push(text),
    section: () => undefined,
    result: () => undefined,
    end: (results) => print(JSON.stringify({ ...totalsOf(results), remarks, results }, null, 2)),
  };
}
