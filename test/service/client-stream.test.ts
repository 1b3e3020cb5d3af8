/** The streams of a client on each network that there is. */
import { clientStreamEndingsSuite } from './client-stream-endings-suite.ts';
import { clientStreamSuite } from './client-stream-suite.ts';
import { STAGES } from './stage.ts';

for (const stage of STAGES) {
  clientStreamSuite(stage);
  clientStreamEndingsSuite(stage);
}
