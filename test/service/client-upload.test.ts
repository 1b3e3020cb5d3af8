/** The requests in parts of a client on each network that there is. */
import { clientUploadSuite } from './client-upload-suite.ts';
import { STAGES } from './stage.ts';

for (const stage of STAGES) clientUploadSuite(stage);
