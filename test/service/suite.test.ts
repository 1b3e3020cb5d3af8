/** Server and client on each network that there is. */
import { clientSuite } from './client-suite.ts';
import { serverSuite } from './server-suite.ts';
import { STAGES } from './stage.ts';

for (const stage of STAGES) {
  serverSuite(stage);
  clientSuite(stage);
}
