/** What a server is tried with, section by section, in the order of the specification. */
import type { Section, ServerTrial } from '../trial/check.ts';
import { actions } from './actions.ts';
import { badInput } from './bad-input.ts';
import { cancel } from './cancel.ts';
import { deadline } from './deadline.ts';
import { errors } from './errors.ts';
import { goodbye } from './goodbye.ts';
import { ids } from './ids.ts';
import { json } from './json.ts';
import { oneAfterTheOther } from './one-after-the-other.ts';
import { oneMessage } from './one-message.ts';
import { parts } from './parts.ts';
import { text } from './text.ts';

/** All sections. Goodbye is the last: it may tell the server to go down. */
export const SERVER_SECTIONS: readonly Section<ServerTrial>[] = [
  oneMessage,
  text,
  json,
  errors,
  badInput,
  oneAfterTheOther,
  ids,
  parts,
  cancel,
  deadline,
  actions,
  goodbye,
];
