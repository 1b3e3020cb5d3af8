import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import { expect, test } from 'vitest';
import { MessageDecoder } from './decoder.ts';
import { MessageEncoder } from './encoder.ts';
import { errorAnswer, readErrorAnswer } from './error-answer.ts';
import { FRAMING_AFTER, MessageError, type MessageErrorCode } from './errors.ts';
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from './message.ts';

test('an error answer has a line for old clients and a code for programs', () => {
  const answer = errorAnswer('action-invalid', "invalid action 'x'.", {
    extensions: { 'in-reply-to': 7 },
  });
  expect(answer).toMatchObject({
    kind: 'json',
    value: {
      result: "Error: invalid action 'x'.",
      error: { code: 'action-invalid', message: "invalid action 'x'." },
    },
    extensions: { 'in-reply-to': 7 },
  });
  expect(readErrorAnswer(sent(answer))).toEqual({
    code: 'action-invalid',
    message: "invalid action 'x'.",
  });
});

test.each<[string, OutgoingMessage]>([
  ['a normal answer', jsonMessage({ result: 'Error: not really' })],
  ['an error that is a string', jsonMessage({ error: 'x' })],
  ['an error that is null', jsonMessage({ error: null })],
  ['an error that is an array', jsonMessage({ error: [] })],
  ['an error without a code', jsonMessage({ error: { message: 'x' } })],
  ['an error without a message', jsonMessage({ error: { code: 'x' } })],
  ['a code that is a number', jsonMessage({ error: { code: 1, message: 'x' } })],
  ['an error hidden in a prototype', jsonMessage({ ['__proto__']: { error: {} } })],
  ['binary content', binaryMessage(new Uint8Array(2), 'x')],
])('%s is no error answer', (_, message) => {
  expect(readErrorAnswer(sent(message))).toBeUndefined();
});

test('the code of an error decides whether the framing is intact', () => {
  // The keys of the table are the codes.
  for (const code of Object.keys(FRAMING_AFTER) as MessageErrorCode[]) {
    const error = new MessageError(code, 'try: fail');
    expect(error).toMatchObject({ name: 'MessageError', code, framing: FRAMING_AFTER[code] });
    expect(error.header).toBeUndefined();
  }
  expect(new MessageError('content-invalid', 'x').framing).toBe('intact');
  expect(new MessageError('length-invalid', 'x').framing).toBe('lost');
});

function sent(message: OutgoingMessage): Message {
  const wire = new SendBuffer();
  new MessageEncoder().encode(message, wire);
  const buffer = new ReceiveBuffer();
  buffer.append(wire.bytes.subarray(wire.start, wire.end));
  const received = new MessageDecoder().decode(buffer);
  if (received === NEED_DATA) throw new Error('decode a whole message: more data needed');
  return received;
}
