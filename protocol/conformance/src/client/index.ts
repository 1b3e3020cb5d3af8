/** What a client is tried with. */
import { cancels, deadlines, goodbyes, parts } from './conversation.ts';
import { malformedAnswers } from './malformed.ts';
import { ids, messages, order } from './requests-and-answers.ts';
import type { ScenarioSection } from './scenario.ts';

/** All sections. */
export const CLIENT_SECTIONS: readonly ScenarioSection[] = [
  messages,
  malformedAnswers,
  order,
  ids,
  parts,
  cancels,
  deadlines,
  goodbyes,
];
