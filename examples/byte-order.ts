/**
 * Numbers as bytes, in both orders, and a header that says how long a message is.
 *
 *   npm run example -- byte-order              the numbers 80 and 300
 *   npm run example -- byte-order 65432 70000  others: one of 16 bits, one of 32
 *
 * To be seen: the bytes of a number in this machine's memory and on the network, what `htons` makes of them, and what
 * somebody reads who takes the wrong order. Then a message goes from one socket to another: its header is a type and a
 * length, five bytes; the receiver takes those five, and knows how many more to take.
 */
// #region header
import { socketpair } from '@wireline/socket';
import { calcsize, htons, ntohs, pack, unpack } from '@wireline/socket/struct';

const HEADER = '>BI'; // network order: a byte for the type, four for the length

// #endregion header
const [short = '80', long = '300', ...more] = process.argv.slice(2);
const numbers = [Number(short), Number(long)] as const;
const isUnsigned = (number: number, most: number): boolean =>
  Number.isInteger(number) && number >= 0 && number <= most;
if (!isUnsigned(numbers[0], 0xffff) || !isUnsigned(numbers[1], 0xffff_ffff) || more.length > 0) {
  console.error('usage: npm run example -- byte-order [SHORT] [LONG]');
  process.exit(2);
}

try {
  compare(...numbers);
  console.log();
  exchange();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region orders
function compare(short: number, long: number): void {
  const network = pack('>HI', short, long); // '>': the highest byte first, no padding
  console.log(`on the network  ${hex(network)}`);
  console.log(`little-endian   ${hex(pack('<HI', short, long))}`);
  console.log(`a C structure   ${hex(pack('@HI', short, long))} (of this machine: with padding)`);
  console.log(`right order     ${unpack('>HI', network).join(' and ')}`);
  console.log(`wrong order     ${unpack('<HI', network).join(' and ')}`);
  console.log(`htons(${short}) is ${htons(short)}, and ntohs of that ${ntohs(htons(short))}`);
}
// #endregion orders

// #region header
function exchange(): void {
  const [here, there] = socketpair();
  using sender = here;
  using receiver = there;

  const content = new TextEncoder().encode('Hello, world');
  sender.sendAll(pack(HEADER, 1, content.length));
  sender.sendAll(content);

  const header = receiver.recvExactly(calcsize(HEADER));
  const [type, length] = unpack(HEADER, header);
  const text = new TextDecoder().decode(receiver.recvExactly(length));
  console.log(`received ${hex(header)}: type ${type}, ${length} bytes: ${text}`);
  console.log(`who takes the wrong order waits for ${unpack('<BI', header)[1]} bytes`);
}
// #endregion header

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
