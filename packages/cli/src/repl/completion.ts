/** What Tab finds. */
import { Socket } from '@wireline/socket';
import { Socket as AwaitedSocket } from '@wireline/socket/promises';
import type { REPLServer } from 'node:repl';

/** Has Tab find all methods of a socket: Node looks at five prototypes, and a socket has more. */
export function showInheritedMethods(): void {
  for (const { prototype } of [Socket, AwaitedSocket]) {
    for (const ancestor of ancestorsOf(prototype)) {
      const inherited = Object.getOwnPropertyDescriptors(ancestor);
      for (const [name, method] of Object.entries(inherited)) {
        if (!Object.hasOwn(prototype, name)) Object.defineProperty(prototype, name, method);
      }
    }
  }
}

/** The prototypes of an object but for that of all objects, the nearest first. */
function ancestorsOf(object: object): object[] {
  // Object.getPrototypeOf returns any.
  const ancestor = Object.getPrototypeOf(object) as object | null;
  return ancestor === null || ancestor === Object.prototype
    ? []
    : [ancestor, ...ancestorsOf(ancestor)];
}

type Completer = (line: string, done: (error: Error | null, found?: unknown) => void) => void;

/** Has Tab see what stands behind an `await`, which Node 24 and later do not look behind. */
export function completeBehindAwait(server: REPLServer): void {
  const { completer } = server as unknown as { completer: Completer }; // an option that its types do not show
  const behindAwait: Completer = (line, done) => {
    completer.call(server, line.replace(/^.*\bawait\s+/, ''), done);
  };
  Object.assign(server, { completer: behindAwait });
}
