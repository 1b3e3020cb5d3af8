/** What all connections of a server share. */
import type { ConnectionParts } from '../connection-parts.ts';
import type { Log } from '../log.ts';
import type { RunningCounters } from './counters.ts';
import type { Handler } from './handler.ts';
import type { ServerObserver } from './observer.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ConnectionLimits } from './server-limits.ts';

/** What all connections of a server share. */
export interface ServerConnectionParts extends ConnectionParts {
  readonly handler: Handler;
  readonly observer: ServerObserver;
  readonly log: Log;
  readonly limits: ConnectionLimits;
  readonly counters: RunningCounters;
  /** Close after the first answer. */
  readonly closeAfterAnswer: boolean;
  /** Called once, when the connection is over. */
  readonly onClosed: (connection: ServerConnection) => void;
}
