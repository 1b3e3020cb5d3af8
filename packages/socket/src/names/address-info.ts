/**
 * What `getaddrinfo` of both faces is asked and answers: the textbook's list, with names for the numbers.
 *
 * The addresses come from the system (`system-names.ts`). What else is in the list, one entry for each type of
 * socket, and the hosts that nobody has to be asked about, are the same in both faces and made here.
 */
import { checkPort, type IpAddress, type IpFamily } from '../address/address.ts';
import { IPPROTO_TCP } from '../libc/constants.ts';
import { nameError } from './name-errors.ts';
import { numericAddress, numericHost } from './numeric-host.ts';
import type { ServiceProtocol, Services } from './services.ts';
import type { SocketType } from '../descriptor/socket-type.ts';
import type { NameAnswer } from './system-names.ts';

/** Flags of `getaddrinfo`, by their own names; numbers in `netdb.h`, meanings in getaddrinfo(3). */
export type AddressInfoFlag =
  /** With the host `null`: the addresses to bind to, all interfaces, and not those to connect to. */
  | 'AI_PASSIVE'
  /** Tell the canonical name, in the first entry. */
  | 'AI_CANONNAME'
  /** The host is an address: no name is looked up. */
  | 'AI_NUMERICHOST'
  /** The port is a number: no service is looked up. */
  | 'AI_NUMERICSERV'
  /** With the family `inet6`: when the host has no such address, its IPv4 ones as `::ffff:192.0.2.1`. */
  | 'AI_V4MAPPED'
  /** With AI_V4MAPPED: both kinds. */
  | 'AI_ALL'
  /** Of names: only families of which this machine has an address. */
  | 'AI_ADDRCONFIG';

const FLAGS: Readonly<Record<AddressInfoFlag, number>> = {
  AI_PASSIVE: 0x1,
  AI_CANONNAME: 0x2,
  AI_NUMERICHOST: 0x4,
  AI_NUMERICSERV: 0x400,
  AI_V4MAPPED: 0x8,
  AI_ALL: 0x10,
  AI_ADDRCONFIG: 0x20,
};

/** Those that the system is told. */
const FOR_THE_SYSTEM = FLAGS.AI_CANONNAME | FLAGS.AI_V4MAPPED | FLAGS.AI_ALL | FLAGS.AI_ADDRCONFIG;

/** Types of sockets that hosts have addresses for. */
export type AddressInfoType = Exclude<SocketType, 'seqpacket'>;

/** Options of `getaddrinfo`. */
export interface AddressInfoOptions<Flag extends AddressInfoFlag = AddressInfoFlag> {
  /** Only addresses of this family. */
  readonly family?: IpFamily;
  /** Only entries for this type of socket; an entry for each unless told. */
  readonly type?: AddressInfoType;
  readonly flags?: Flag | readonly Flag[];
}

/** One entry of the list. `new Socket(entry)` opens a socket for it, which can bind or connect to its `address`. */
export interface AddressInfo {
  readonly family: IpFamily;
  readonly type: AddressInfoType;
  /** The number in protocols(5): 6 for TCP, 17 for UDP, 0 for any. */
  readonly protocol: number;
  /** With AI_CANONNAME, in the first entry: the name that the host's other names stand for. */
  readonly canonicalName?: string;
  readonly address: IpAddress;
}

/** What is asked, checked. */
export interface AddressQuestion {
  readonly host: string | null;
  readonly family: IpFamily | undefined;
  readonly type: AddressInfoType | undefined;
  /** The bits of the flags for the system. */
  readonly flags: number;
  readonly has: (flag: AddressInfoFlag) => boolean;
}

/** A type of socket, and the port that the entry of an address has for it. */
interface Kind {
  readonly type: AddressInfoType;
  readonly protocol: number;
  /** Whose ports have names. */
  readonly services?: ServiceProtocol;
}

/** As protocols(5) has it. */
const IPPROTO_UDP = 17;

/** In the order of glibc. */
const KINDS: readonly Kind[] = [
  { type: 'stream', protocol: IPPROTO_TCP, services: 'tcp' },
  { type: 'dgram', protocol: IPPROTO_UDP, services: 'udp' },
  { type: 'raw', protocol: 0 },
];

/**
 * Checks what `getaddrinfo` was given.
 *
 * @throws TypeError for words that are none, and for a canonical name of no host.
 */
export function addressQuestion(host: string | null, options: AddressInfoOptions): AddressQuestion {
  const { family, type, flags = [] } = options;
  const bits = [flags].flat().reduce((sum, flag) => sum | numberOf(flag), 0);
  const has = (flag: AddressInfoFlag): boolean => (bits & FLAGS[flag]) !== 0;
  if (host !== null && typeof host !== 'string') {
    throw new TypeError(`getaddrinfo of a host that is a ${typeof host}: expected text, or null`);
  }
  if (family !== undefined) known('family', family, ['inet', 'inet6']);
  if (type !== undefined) known('type', type, ['stream', 'dgram', 'raw']);
  if (!host && has('AI_CANONNAME')) {
    throw new TypeError('getaddrinfo of no host with AI_CANONNAME: only a host has such a name');
  }
  return { host, family, type, flags: bits & FOR_THE_SYSTEM, has };
}

/**
 * The addresses of hosts that nobody has to be asked about; `undefined` for a name.
 *
 * @throws NameResolutionError when the host is not what the question says.
 */
export function knownAnswer(question: AddressQuestion): NameAnswer | undefined {
  const { host, family, has } = question;
  if (host === null) {
    // In the order of glibc (RFC 6724).
    const hosts = has('AI_PASSIVE') ? ['0.0.0.0', '::'] : ['::1', '127.0.0.1'];
    const addresses = hosts.map((each) => numericAddress(each, 0));
    return { addresses: addresses.filter((each) => (family ?? each.family) === each.family) };
  }
  const isMapped = family === 'inet6' && has('AI_V4MAPPED') && host !== '';
  const numeric = numericHost(host, 0, isMapped ? undefined : family);
  if (numeric === undefined) {
    if (has('AI_NUMERICHOST')) throw nameError(host, 'ENOTFOUND');
    return undefined;
  }
  const address = isMapped && numeric.family === 'inet' ? mapped(numeric.host) : numeric;
  return { addresses: [address], ...(has('AI_CANONNAME') ? { canonicalName: host } : {}) };
}

/** Whether the port is the name of a service, so that there is something to look up. */
export function isServiceName(port: number | string): boolean {
  return typeof port === 'string' && !/^[0-9]+$/.test(port);
}

/**
 * The list: each address for each type of socket.
 *
 * @param services to look the port up in, when it is a name
 * @throws NameResolutionError when there is no such service. RangeError when the port is not in 0..65535.
 */
export function addressInfos(
  question: AddressQuestion,
  port: number | string,
  { answer, services }: { readonly answer: NameAnswer; readonly services?: Services | undefined },
): AddressInfo[] {
  const kinds = KINDS.filter(({ type }) => type === (question.type ?? type)).flatMap((kind) => {
    const number = portFor(kind, port, question.has('AI_NUMERICSERV') ? undefined : services);
    return number === undefined ? [] : [{ ...kind, port: number }];
  });
  if (kinds.length === 0) throw nameError(String(port), 'EAI_SERVICE');
  const infos = answer.addresses.flatMap((address) =>
    kinds.map(({ type, protocol, port: number }): AddressInfo => {
      return { family: address.family, type, protocol, address: { ...address, port: number } };
    }),
  );
  const [first, ...rest] = infos;
  const { canonicalName } = answer;
  return first && canonicalName !== undefined ? [{ ...first, canonicalName }, ...rest] : infos;
}

function portFor(kind: Kind, port: number | string, services?: Services): number | undefined {
  if (!isServiceName(port)) return checkPort(Number(port));
  return kind.services && services?.portOf(String(port), kind.services);
}

/** An IPv4 address as IPv6 has it; RFC 4291, section 2.5.5.2. */
function mapped(host: string): IpAddress {
  return numericAddress(`::ffff:${host}`, 0);
}

function numberOf(flag: AddressInfoFlag): number {
  known('flag', flag, Object.keys(FLAGS));
  return FLAGS[flag];
}

/** Checks a word for callers without types. */
function known(what: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  throw new TypeError(`use the ${what} '${word}': expected '${words.join("', '")}'`);
}
