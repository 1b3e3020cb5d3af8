/** The conversations of a client on each network that there is. */
import { clientConversationSuite } from './client-conversation-suite.ts';
import { clientEndingsSuite } from './client-endings-suite.ts';
import { STAGES } from './stage.ts';

for (const stage of STAGES) {
  clientConversationSuite(stage);
  clientEndingsSuite(stage);
}
