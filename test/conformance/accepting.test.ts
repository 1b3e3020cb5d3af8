/** Accepting, when connections are gone before they are taken, or nothing is left to take them with. */
import { InvalidArgumentError, ResourceExhaustedError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face } from './face.ts';
import { connectionComes, PEER } from './scripted-calls.ts';
import { scriptedStage, waits, type Move } from './scripted-stage.ts';

/** Plays `script` until a connection is accepted, and closes it. */
async function accept(face: Face, script: readonly Move[]): Promise<unknown> {
  return scriptedStage(face).play(script, async (socket) => {
    const accepted = await socket.accept();
    const fd = accepted.socket.fileno();
    accepted.socket.close();
    return { fd, address: accepted.address };
  });
}

const ACCEPTED = { fd: 6, address: PEER };

describe.each(FACES)('$title', (face) => {
  test('takes the next connection', async () => {
    expect(await accept(face, [connectionComes()])).toEqual(ACCEPTED);
  });

  test('waits for it, also when somebody else took the one that came', async () => {
    expect(await accept(face, [waits('accept4'), waits('accept4'), connectionComes()])).toEqual(
      ACCEPTED,
    );
  });

  test('what is accepted is a socket of the same face', async () => {
    await scriptedStage(face).play([connectionComes()], async (listener) => {
      const { socket } = await listener.accept();
      expect(socket).toBeInstanceOf(face.Socket);
      socket.close();
    });
  });

  test.each(['ECONNABORTED', 'EPROTO', 'EPERM', 'ENETDOWN', 'EHOSTUNREACH'] as const)(
    'passes by a connection that is gone: %s',
    async (fails) => {
      const gone = { call: 'accept4', fails } as const;
      const script = [gone, gone, waits('accept4'), gone, connectionComes()];
      expect(await accept(face, script)).toEqual(ACCEPTED);
    },
  );

  test('and waits again when it was the only one', async () => {
    const gone = { call: 'accept4', fails: 'ECONNABORTED' } as const;
    const script = [gone, waits('accept4'), gone, waits('accept4'), connectionComes()];
    expect(await accept(face, script)).toEqual(ACCEPTED);
  });

  test('an interrupted call is made again', async () => {
    const interrupted = { call: 'accept4', fails: 'EINTR' } as const;
    const script = [interrupted, waits('accept4'), interrupted, connectionComes()];
    expect(await accept(face, script)).toEqual(ACCEPTED);
  });

  test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'] as const)(
    '%s is told, and the connection is there for the next try',
    async (fails) => {
      const stage = scriptedStage(face);
      const exhausted = { call: 'accept4', fails } as const;
      for (const script of [[exhausted], [waits('accept4'), exhausted]]) {
        const playing = stage.play(script, (socket) => socket.accept());
        await expect(playing).rejects.toThrow(ResourceExhaustedError);
      }
      await stage.play([connectionComes()], async (listener) => {
        const { socket } = await listener.accept();
        socket.close();
      });
    },
  );

  test('a socket that does not listen', async () => {
    const playing = accept(face, [{ call: 'accept4', fails: 'EINVAL' }]);
    await expect(playing).rejects.toThrow(InvalidArgumentError);
  });
});
