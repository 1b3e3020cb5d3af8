/** "Bad input": each vector of bad-input.json, and that nobody else notices. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace.ts';
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';

/** A stream that breaks a rule, as the file has it. */
interface BadInput {
  readonly name: string;
  readonly bytes: string;
  readonly code: string;
  readonly framing: 'intact' | 'lost';
}

/** The content of bad-input.json. Other encodings than UTF-8 are ones that a peer need not know. */
const VECTORS = readVectors();

function readVectors(): readonly BadInput[] {
  const path = join(ROOT, 'protocol', 'vectors', 'bad-input.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly BadInput[] };
  return file.vectors; // a file of this repository, whose form its tests hold
}

function vector({ name, bytes, code, framing }: BadInput): Check<ServerTrial> {
  const outcome = framing === 'intact' ? `${code}, and the connection goes on` : code;
  return check(
    `${name}: ${code === 'truncated' ? 'no answer, and the end' : outcome}`,
    async (trial) => {
      const bystander = await trial.open();
      const channel = await trial.open();
      channel.send(Buffer.from(bytes, 'hex'));
      if (code !== 'truncated') {
        const codes = framing === 'intact' ? [code, 'encoding-unknown'] : code;
        const answer = await channel.expect({ error: codes });
        if (
          JSON.stringify(answer.value).includes('"encoding-unknown"') &&
          code !== 'encoding-unknown'
        ) {
          trial.note('the peer does not know this encoding, which it need not');
        }
      }
      // Behind input that is bad and whole stands {"next": 1}.
      if (framing === 'intact') await channel.expect({ error: 'action-invalid' });
      if (framing === 'intact' || code === 'truncated') await channel.finish();
      else await channel.expectEnd();
      bystander.send(ask.search('ring'));
      await bystander.expect({ value: { result: RING } });
      await bystander.finish();
    },
  );
}

/** The checks. */
export const badInput: Section<ServerTrial> = {
  name: 'bad-input',
  title: 'Bad input',
  checks: VECTORS.map(vector),
};
