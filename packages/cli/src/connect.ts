/** A connection for a command, and what to change when none comes in time. */
import { TimeoutError, type Endpoint, type Family } from '@wireline/socket';
import { createConnection, type Socket } from '@wireline/socket/promises';

/**
 * Connects, within the time that `--timeout` allows.
 *
 * @throws Error that names the option when it takes longer; whatever else connecting fails with.
 */
export async function connect(endpoint: Endpoint, timeoutMs: number): Promise<Socket<Family>> {
  try {
    return await createConnection(endpoint, { timeoutMs });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new Error(`${error.message}; --timeout waits longer`, { cause: error });
  }
}
