/** byte-order: what a number is on the network, and what it becomes when somebody errs. */
import { endianness } from 'node:os';
import { expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { run } from './example.ts';

/** What Python makes of the same two numbers. */
const PYTHON = `
import struct, sys
a, b = int(sys.argv[1]), int(sys.argv[2])
for order in ">HI", "<HI", "@HI":
    print(struct.pack(order, a, b).hex(" "))
print(*struct.unpack("<HI", struct.pack(">HI", a, b)), sep=" and ")
`;

test('both orders and the padding of C, as Python has them', async () => {
  const numbers = ['65432', '70000'];
  await using python = Program.run('python3', '-c', PYTHON, ...numbers);
  const [network, little, native, wrong] = (await python.exited()).stdout.split('\n');
  const { code, stdout, stderr } = await run('byte-order', ...numbers);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    `on the network  ${network}`,
    `little-endian   ${little}`,
    `a C structure   ${native} (of this machine: with padding)`,
    'right order     65432 and 70000',
    `wrong order     ${wrong}`,
    `htons(65432) is ${endianness() === 'LE' ? 39167 : 65432}, and ntohs of that 65432`,
    '',
    'received 01 00 00 00 0c: type 1, 12 bytes: Hello, world',
    'who takes the wrong order waits for 201326592 bytes',
    '',
  ]);
});

test.each([[['65536']], [['-1']], [['1.5']], [['one']], [['1', '4294967296']], [['1', '2', '3']]])(
  '%j is wrong usage',
  async (args) => {
    expect(await run('byte-order', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'usage: npm run example -- byte-order [SHORT] [LONG]\n',
    });
  },
);
