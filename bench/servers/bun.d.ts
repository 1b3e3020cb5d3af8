/** The part of Bun's API that `echo-bun.mjs` uses; Bun is installed without its types. */
declare namespace Bun {
  interface Socket<Data> {
    data: Data;
    /** Returns how many bytes were taken; -1 when the socket is closed. */
    write(bytes: Uint8Array): number;
    pause(): void;
    resume(): void;
    end(): void;
    terminate(): void;
    setNoDelay(noDelay: boolean): boolean;
  }

  function listen<Data>(options: {
    readonly hostname: string;
    readonly port: number;
    readonly allowHalfOpen: boolean;
    readonly data: Data;
    readonly socket: {
      open(socket: Socket<Data>): void;
      data(socket: Socket<Data>, chunk: Uint8Array): void;
      drain(socket: Socket<Data>): void;
      end(socket: Socket<Data>): void;
      error(socket: Socket<Data>, error: Error): void;
    };
  }): { readonly port: number };
}
