/** What a user of selectors lets the compiler infer. */
import type { Socket } from '@wireline/socket';
import type * as awaited from '@wireline/socket/promises';
import {
  select,
  type DefaultSelector,
  type Selectable,
  type SelectorKey,
} from '@wireline/socket/selectors';
import { expectTypeOf, test } from 'vitest';

// Only their types matter: no socket is opened.
const blocking = {} as Socket;
const waiting = {} as awaited.Socket;

interface Connection {
  readonly name: string;
}

test('without a type of data there is none', () => {
  type Plain = DefaultSelector;
  expectTypeOf<Plain['register']>().toBeCallableWith(blocking, 'read');
  expectTypeOf<Plain['register']>().toBeCallableWith(3, 'write', undefined, { oneShot: true });
  expectTypeOf<ReturnType<Plain['getKey']>['data']>().toEqualTypeOf<undefined>();
  expectTypeOf<ReturnType<Plain['getKey']>['fileObject']>().toEqualTypeOf<Selectable>();
});

test('data that must be there cannot be left out', () => {
  type Strict = DefaultSelector<Connection>;
  expectTypeOf<Strict['register']>().toBeCallableWith(blocking, 'read', { name: '' });
  // @ts-expect-error -- the data is missing
  expectTypeOf<Strict['register']>().toBeCallableWith(blocking, 'read');
  expectTypeOf<Strict['modify']>().toBeCallableWith(blocking, 'read');
  expectTypeOf<ReturnType<Strict['getKey']>['data']>().toEqualTypeOf<Connection>();
});

test('data that may be missing can', () => {
  type Loose = DefaultSelector<Connection | undefined>;
  expectTypeOf<Loose['register']>().toBeCallableWith(blocking, 'read');
  expectTypeOf<Loose['register']>().toBeCallableWith(blocking, 'read', { name: '' });
});

test('a key has what was registered, with its type', () => {
  type OfSockets = DefaultSelector<undefined, Socket>;
  expectTypeOf<ReturnType<OfSockets['getKey']>>().toEqualTypeOf<SelectorKey<undefined, Socket>>();
  expectTypeOf<
    Awaited<ReturnType<OfSockets['ready']>>[0]['key']['fileObject']
  >().toEqualTypeOf<Socket>();
  // @ts-expect-error -- of the other face
  expectTypeOf<OfSockets['register']>().toBeCallableWith(waiting, 'read');
});

test('the interests are three', () => {
  // @ts-expect-error -- to wait for nothing is to unregister
  expectTypeOf<DefaultSelector['register']>().toBeCallableWith(blocking, 'none');
});

test('select gives back what it got', () => {
  expectTypeOf(select<Socket, number, awaited.Socket>).returns.toEqualTypeOf<
    [readable: Socket[], writable: number[], exceptional: awaited.Socket[]]
  >();
});
