/** The examples that need nobody else: what each has to show. */
import { describe, expect, test } from 'vitest';
import { run } from './example.ts';

test('hello', async () => {
  expect(await run('hello')).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
});

test('rough-network', async () => {
  expect(await run('rough-network')).toMatchObject({
    code: 0,
    stdout:
      '100 rough networks: every request was answered\na cut answer: asked again over connection #2\n',
    stderr: '',
  });
});

test('half-close', async () => {
  const { code, stdout, stderr } = await run('half-close');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'client: sent 19',
    'client: sent 4',
    'client: sent 19',
    'client: shut down writing: done sending, still listening',
    'client: one byte more is refused: EPIPE',
    'server: the client has sent its last byte, the state is CLOSE_WAIT',
    'server: answered 42, closing',
    'client: received 42',
    '',
  ]);
});

test('fd-passing', async () => {
  const { code, stdout, stderr } = await run('fd-passing');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const socket = String.raw`\[Socket \d+ inet (127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+) ESTABLISHED\]`;
  const lines = [
    `parent: passing ${socket} and file \\d+, closing both`,
    `child: received ${socket} and file \\d+`,
    'client: received These are the words of a file without a name\\.',
    'client: the connection has ended',
    String.raw`parent: (\d+) descriptors were open before, (\d+) are now`,
  ];
  const found = new RegExp(`^${lines.join('\n')}\n$`).exec(stdout);
  const [, here, there, before, after] = found ?? [];
  expect(found, stdout).not.toBeNull();
  expect(there).toBe(here);
  expect(after).toBe(before);
});

describe('never-reads', () => {
  /** A row of its table. */
  interface Row {
    readonly what: string;
    readonly total: number;
    readonly sendQ: number;
    readonly unsent: number;
    readonly recvQ: number;
  }

  function rowsOf(text: string): Row[] {
    const pattern = /^(sent|peer read|peer answered) *(\d*) +(\d+) +(\d+) +(\d+)$/gm;
    return Array.from(text.matchAll(pattern), ([, what = '', ...numbers]) => {
      const [total = 0, sendQ = 0, unsent = 0, recvQ = 0] = numbers.map(Number);
      return { what, total, sendQ, unsent, recvQ };
    });
  }

  test('the queues fill, send has to wait, and the queues empty', async () => {
    const { code, stdout, stderr } = await run('never-reads');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\n\nBlockingIOError: send: the send buffer is full.*\(EAGAIN\)\n\n/);

    const rows = rowsOf(stdout);
    const sent = rows.filter(({ what }) => what === 'sent');
    const read = rows.filter(({ what }) => what === 'peer read');
    const full = sent.at(-1);
    if (full === undefined) throw new Error(`no row in ${stdout}`);

    let before = 0;
    for (const { total, sendQ, unsent, recvQ } of sent) {
      expect(total).toBeGreaterThan(before);
      before = total;
      // A byte that was taken is unacknowledged, or it has arrived, where nobody reads; or both.
      expect(sendQ + recvQ).toBeGreaterThanOrEqual(total);
      expect(Math.max(sendQ, recvQ)).toBeLessThanOrEqual(total);
      expect(unsent).toBeLessThanOrEqual(sendQ);
    }
    // Full means both ends: the peer has what its buffer holds, and the rest may not leave.
    expect(full.recvQ).toBeGreaterThan(0);
    expect(full.unsent).toBeGreaterThan(0);
    expect(full.recvQ).toBeLessThan(full.total);

    expect(read.at(-1)?.total).toBe(full.total);
    for (const { total, recvQ } of read) expect(recvQ).toBeLessThanOrEqual(full.total - total);
    expect(rows.at(-1)).toEqual({ what: 'peer answered', total: 0, sendQ: 0, unsent: 0, recvQ: 0 });
  });
});
