/**
 * A server written by hand after the specification, which can be given one defect: what the checks are tried on.
 *
 * It is right without a defect, simple, and for trusted input only: it has no limits in time and memory.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { ScriptedApplication } from './scripted-application.ts';
import { ScriptedConnection } from './scripted-connection.ts';
import type { Defect } from './defect.ts';

/** A server that listens. */
export class ScriptedServer {
  readonly #server: Server;
  readonly #connections = new Set<ScriptedConnection>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one on a port of its own. */
  static async start(defect?: Defect): Promise<ScriptedServer> {
    const application = new ScriptedApplication(defect);
    const server = createServer({ allowHalfOpen: true });
    const scripted = new ScriptedServer(server);
    server.on('connection', (socket: Socket) => {
      const connection = new ScriptedConnection(socket, application, defect);
      scripted.#connections.add(connection);
      socket.on('close', () => scripted.#connections.delete(connection));
      connection.onDisturbance = () => {
        for (const each of scripted.#connections) if (each !== connection) each.destroy();
      };
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return scripted;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Goes down: says closing on the last answer of each connection. */
  goDown(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.goDown();
  }

  /** Ends it, with whoever is connected. */
  destroy(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }
}
