/** Where a server is, or is to be. */
export interface Endpoint {
  /** A host name or address; when listening, an empty one means all interfaces. */
  readonly host: string;
  /** 0 to 65535; when listening, 0 lets the kernel choose. */
  readonly port: number;
}

/** An endpoint as people write it: `localhost:65432`, `[::1]:65432`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
