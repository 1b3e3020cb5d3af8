/**
 * The network of whoever names none: native sockets where they load, and `node:net` elsewhere.
 *
 * It is chosen when it is first needed, once for all of a thread, and a choice that nobody made is said: a process
 * warning names the reason. `WIRELINE_TRANSPORT`, `native` or `node`, makes the choice for a whole process, the
 * option `network` for one server or client.
 */
import { descriptorLimit } from '@wireline/socket';
import type { Network } from '../network.ts';
import { nativeNetwork } from './native.ts';
import { nodeNetwork } from './node.ts';

/** The `code` of the warning that `node:net` has taken over. */
export const NODE_TRANSPORT = 'WIRELINE_NODE_TRANSPORT';

/** The environment variable that chooses. */
const VARIABLE = 'WIRELINE_TRANSPORT';

const NETWORKS: ReadonlyMap<string, Network> = new Map([
  ['native', nativeNetwork],
  ['node', nodeNetwork],
]);

let chosen: Network | undefined;

/** The native network, or that of `node:net` where there are no native sockets. */
export const defaultNetwork: Network = {
  capacity: () => choose().capacity(),
  listen: async (...listening) => choose().listen(...listening),
  connect: async (...connecting) => choose().connect(...connecting),
};

/** @throws Error when the environment names a network that there is not. */
function choose(): Network {
  return (chosen ??= forced() ?? loadable());
}

/** What the environment says; an empty variable says nothing. */
function forced(): Network | undefined {
  const name = process.env[VARIABLE];
  if (name === undefined || name === '') return undefined;
  const network = NETWORKS.get(name);
  if (network !== undefined) return network;
  throw new Error(
    `choose a network: ${VARIABLE} is ${JSON.stringify(name)}; set it to native or to node, or unset it`,
  );
}

function loadable(): Network {
  try {
    descriptorLimit(); // a call of the C library: that it comes back is what loading means
    return nativeNetwork;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    process.emitWarning(
      `${reason}; so node:net carries the connections: set ${VARIABLE}=node if that is meant`,
      { code: NODE_TRANSPORT },
    );
    return nodeNetwork;
  }
}
