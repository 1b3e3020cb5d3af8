/**
 * `wireline resolve`: what getaddrinfo says about a host, as a table or as JSON.
 */
import {
  formatAddress,
  getaddrinfo,
  getHostname,
  isLoopback,
  type AddressInfo,
  type AddressInfoType,
  type IpAddress,
} from '@wireline/socket';
import { Command, InvalidArgumentError, Option } from 'commander';
import { debugOption, parseHost, parsePort } from '../arguments.ts';
import { colorsFor } from '../terminal/colors.ts';
import { printable, printableJson } from '../terminal/plain-text.ts';

interface ResolveOptions {
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly type?: AddressInfoType;
  readonly json?: true;
}

/** Protocols that people know by name; others are shown by number. */
const PROTOCOLS = new Map([
  [6, 'tcp'],
  [17, 'udp'],
]);

const HEADINGS = ['family', 'type', 'protocol', 'address', 'canonical name'];

/** The command, for the program. */
export function resolveCommand(): Command {
  return new Command('resolve')
    .description('Show which addresses a host has, as getaddrinfo says.')
    .argument('<host>', "name or address; '' for all interfaces", parseHost)
    .argument('[port]', 'a port, or the name of a service: http', parsePortOrService)
    .addOption(new Option('-4, --ipv4', 'only IPv4').conflicts('ipv6'))
    .addOption(new Option('-6, --ipv6', "only IPv6; with '' all IPv6 and IPv4 interfaces"))
    .addOption(
      new Option('--type <type>', 'only for this type of socket').choices([
        'stream',
        'dgram',
        'raw',
      ]),
    )
    .option('--json', 'one JSON object per line')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(resolve);
}

const HELP = `
Examples:
  $ wireline resolve localhost
  $ wireline resolve example.com https --type stream
  $ wireline resolve fe80::1%eth0 80
  $ wireline resolve '' 65432 --ipv6

The best address comes first, and once for each type of socket. Exits with 1 when the host has none.`;

function resolve(host: string, port: number | string | undefined, options: ResolveOptions): void {
  const infos = getaddrinfo(host, port ?? 0, {
    ...(host === '' ? {} : { flags: 'AI_CANONNAME' }),
    ...(options.ipv4 && { family: 'inet' }),
    ...(options.ipv6 && { family: 'inet6' }),
    ...(options.type && { type: options.type }),
  });
  warnOfLoopback(host, infos);
  if (options.json) for (const info of infos) console.log(printableJson(asJson(info)));
  else printTable(infos, port !== undefined);
}

/** A server that binds to such a name hears this machine only, which is not what it looks like. */
function warnOfLoopback(host: string, infos: readonly AddressInfo[]): void {
  const [first] = infos;
  if (first === undefined || !isLoopback(first.address)) return;
  if (host.toLowerCase() !== getHostname().toLowerCase()) return;
  const warning = `warning: ${host} is this machine’s name and stands for ${first.address.host}, which only this machine can reach: bind to '' to be reached by others`;
  console.error(colorsFor(process.stderr).yellow(printable(warning)));
}

function asJson({ family, type, protocol, address, canonicalName }: AddressInfo): object {
  const { host, port } = address;
  const scopeId = address.family === 'inet6' && address.scopeId !== 0 ? address.scopeId : undefined;
  // What is undefined, JSON leaves out.
  return { family, type, protocol, host, port, scopeId, canonicalName };
}

function printTable(infos: readonly AddressInfo[], hasPort: boolean): void {
  const hasName = infos.some(({ canonicalName }) => canonicalName !== undefined);
  const rows = infos.map(({ family, type, protocol, address, canonicalName = '' }) => [
    family,
    type,
    PROTOCOLS.get(protocol) ?? String(protocol),
    hasPort ? formatAddress(address) : hostOf(address),
    printable(canonicalName),
  ]);
  const [heading = '', ...lines] = columns([hasName ? HEADINGS : HEADINGS.slice(0, -1), ...rows]);
  console.log(colorsFor(process.stdout).dim(heading));
  for (const line of lines) console.log(line);
}

/** An address without its port. */
function hostOf(address: IpAddress): string {
  return address.family === 'inet6' && address.scopeId !== 0
    ? `${address.host}%${address.scopeId}`
    : address.host;
}

/** The rows with their columns below each other. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}

/** A port, or the name of a service, which has a letter in it. */
function parsePortOrService(text: string): number | string {
  if (/^[0-9]+$/.test(text)) return parsePort(text);
  if (/[a-z]/i.test(text)) return text;
  throw new InvalidArgumentError('expected a port, 0 to 65535, or the name of a service.');
}
