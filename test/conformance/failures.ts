/** How calls of either face fail: thrown, or rejected with. */
import { SystemError } from '@wireline/socket';
import { expect } from 'vitest';

/** What `call` throws, or rejects with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** The same, of a call that the system is to refuse. */
export async function systemFailureOf(call: () => unknown): Promise<SystemError> {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(SystemError);
  return error as SystemError; // as was just seen
}
