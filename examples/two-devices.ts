/**
 * Two devices and a cable, in this one: who reaches a server that is bound to what.
 *
 *   npm run example -- two-devices
 *
 * Two processes stand for the devices. Each has a network of its own, a namespace of Linux's, and nothing leads from
 * one to the other but a virtual cable; no packet leaves this machine. To be seen: a server that is bound to the name
 * of its machine, where that name stands for 127.0.1.1, as on Debian and its kin. A warning says so
 * (WIRELINE_LOOPBACK_NAME): its own device reaches it, the other one is refused. Bound to `''` it is reached by both.
 * And where no cable leads to, the network is unreachable.
 *
 * It needs the programs `ip`, `mount`, `nsenter` and `unshare`, and either root or a system on which users may have
 * namespaces. Otherwise it says so in a line, with exit code 1. Nothing is left behind: the kernel removes a
 * namespace, and the cable, when the last process in it ends, whichever way.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { formatAddress, getHostname, type InternetEndpoint } from '@wireline/socket';
import { createConnection, createServer } from '@wireline/socket/promises';

// Addresses for documentation, and therefore nobody's: RFC 5737.
const FIRST = '192.0.2.1';
const SECOND = '192.0.2.2';
const ELSEWHERE = '198.51.100.1';

/** What is done on the first device. $1 is the process that is the second one, $2 the name of the machine. */
const SET_UP = `
ip link add cable type veth peer name cable netns "$1"
ip address add ${FIRST}/24 dev cable
ip link set cable up
ip link set lo up
second="nsenter --net=/proc/$1/ns/net"
$second ip address add ${SECOND}/24 dev cable
$second ip link set cable up
$second ip link set lo up

files=$(mktemp -d)
trap 'rm -r "$files"' EXIT
trap 'exit 1' INT TERM
echo "127.0.0.1 localhost
127.0.1.1 $2" > "$files/hosts"
echo 'hosts: files' > "$files/nsswitch.conf"
for name in hosts nsswitch.conf; do
  [ ! -e "/etc/$name" ] || mount --bind "$files/$name" "/etc/$name"
done
`;

const [role, ...more] = process.argv.slice(2);
const play = role === undefined ? outside : { '--first': first, '--second': second }[role];
if (play === undefined || more.length > 0) {
  console.error('usage: npm run example -- two-devices');
  process.exit(2);
}
process.once('disconnect', () => process.exit()); // a device ends with the process that has started it
try {
  await play();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.disconnect?.();

/** Starts the first device, if namespaces are to be had here. */
async function outside(): Promise<void> {
  const rights = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const flags = [...rights, '--net', '--mount'];
  run('unshare', [...flags, 'ip', 'link', 'add', 'cable', 'type', 'veth']);
  const device = start('--first', flags);
  await once(device, 'exit');
  process.exitCode = device.exitCode ?? 1;
}

// #region two-devices
async function first(): Promise<void> {
  process.exitCode = 1; // until all of it was seen
  const other = start('--second', ['--net']).once('exit', () => process.exit());
  try {
    await once(other, 'message'); // its namespace is there
    run('sh', ['-euc', SET_UP, 'sh', String(other.pid), getHostname()]);
    // #region two-hosts
    for (const host of [getHostname(), '']) {
      await using server = await createServer({ host, port: 0 });
      const address = server.getsockname();
      console.log(`a server on the first device, bound to '${host}': ${formatAddress(address)}`);
      await visit('first', { host: getHostname(), port: address.port });
      await send(other, { host: FIRST, port: address.port });
    }
    // #endregion two-hosts
    await send(other, { host: ELSEWHERE, port: 80 });
    process.exitCode = 0;
  } finally {
    other.kill();
  }
}

async function second(): Promise<never> {
  process.send?.('here');
  for (;;) {
    const [where] = (await once(process, 'message')) as [InternetEndpoint]; // what `send` sends
    await visit('second', where);
    process.send?.('done');
  }
}

async function visit(who: string, where: InternetEndpoint): Promise<void> {
  try {
    await using socket = await createConnection(where, { timeoutMs: 5000 });
    console.log(`from the ${who} device: connected to ${formatAddress(socket.getpeername())}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`from the ${who} device: ${reason}`);
  }
}
// #endregion two-devices

async function send(device: ChildProcess, where: InternetEndpoint): Promise<void> {
  device.send(where);
  await once(device, 'message');
}

/** Starts this program once more, in namespaces of its own. */
function start(role: string, flags: readonly string[]): ChildProcess {
  return spawn('unshare', [...flags, process.execPath, fileURLToPath(import.meta.url), role], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().replaceAll('\n', '; ');
  throw new Error(`make two devices: ${reason}; --help says what that needs`);
}
