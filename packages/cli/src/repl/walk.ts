/** The first walk, to be typed at two prompts: an echo server and its client, by hand. */

/** What `.walk` prints. */
export const WALK = `A server at this prompt, a client at a second one. Type it line by line:

  const server = new socket.Socket()
  server.setsockopt('SO_REUSEADDR', true)                    so that you can do it twice
  server.bind({ host: '127.0.0.1', port: 8000 })
  server.listen()
  const { socket: connection, address } = server.accept()    waits for the client

                                    const client = new socket.Socket()
                                    client.connect({ host: '127.0.0.1', port: 8000 })
                                    client.sendAll(encode('hello'))

  connection.recv(1024)
  connection.sendAll(encode('olleh'))

                                    decode(client.recv(1024))

  connection.close()

                                    client.recv(1024)        nothing: the server has closed
                                    client.close()

  server.close()

Ctrl-C ends a call that waits.
`;
