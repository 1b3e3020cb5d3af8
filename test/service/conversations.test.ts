/** The conversations of a server, on each network that there is. */
import { conversationSuite } from './conversation-suite.ts';
import { partsSuite } from './parts-suite.ts';
import { STAGES } from './stage.ts';

for (const stage of STAGES) {
  conversationSuite(stage);
  partsSuite(stage);
}
