/** What every command that listens says of a port that is taken. */
import { AddressInUseError, type Endpoint } from '@wireline/socket';

/** The last one there is. */
const LAST_PORT = 65_535;

/** What the error advises, where it knows who has the port. */
const ADVICE = 'or choose another port';

/** What `listen` gives; where the port of `endpoint` is taken, the error says how to take another one. */
export async function orAnotherPort<Listening>(
  endpoint: Endpoint,
  listen: (endpoint: Endpoint) => Promise<Listening>,
): Promise<Listening> {
  try {
    return await listen(endpoint);
  } catch (error) {
    if (!(error instanceof AddressInUseError) || 'path' in endpoint) throw error;
    const port = endpoint.port < LAST_PORT ? endpoint.port + 1 : endpoint.port - 1;
    const { message } = error;
    const advice = `or take another port, such as ${port}`;
    const told = message.includes(ADVICE)
      ? message.replace(ADVICE, advice)
      : `${message}; ${advice}`;
    throw new Error(told, { cause: error });
  }
}
