/** What every command that listens says of a port that is taken. */
import { AddressInUseError, type Endpoint } from '@wireline/socket';
import type { Command } from 'commander';
import { shellWord } from '../endpoint.ts';

/** The last one there is. */
const LAST_PORT = 65_535;

/** What `listen` gives; where the port of `endpoint` is taken, the error says how to take another one. */
export async function orAnotherPort<Listening>(
  command: Command,
  endpoint: Endpoint,
  listen: (endpoint: Endpoint) => Promise<Listening>,
): Promise<Listening> {
  try {
    return await listen(endpoint);
  } catch (error) {
    if (!(error instanceof AddressInUseError) || 'path' in endpoint) throw error;
    const port = endpoint.port < LAST_PORT ? endpoint.port + 1 : endpoint.port - 1;
    const other = `wireline ${command.name()} ${shellWord(endpoint.host)} ${port}`;
    throw new Error(`${error.message}; or take another port: ${other}`, { cause: error });
  }
}
