/**
 * The names of ports: /etc/services, as services(5) has it. A tiny part of what the C library's getservbyname does,
 * and the same for both faces.
 *
 * ```
 * http    80/tcp    www    # World Wide Web
 * name    port/protocol    other names    # a comment
 * ```
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The protocols whose ports have names that matter here. */
export type ServiceProtocol = 'tcp' | 'udp';

/** One line of the file. */
interface Service {
  readonly names: readonly string[];
  readonly port: number;
  readonly protocol: string;
}

const FILE = '/etc/services';

/** Services by name, and by port. */
export class Services {
  readonly #services: readonly Service[];

  /** @param text the lines of the file; those that are none are passed over */
  constructor(text: string) {
    this.#services = text.split('\n').flatMap(parseLine);
  }

  /** The machine's own; empty when it has no such file. */
  static read(): Services {
    try {
      return new Services(readFileSync(FILE, 'utf8'));
    } catch {
      return new Services('');
    }
  }

  /** The same, awaited. */
  static async readAwaited(): Promise<Services> {
    return new Services(await readFile(FILE, 'utf8').catch(() => ''));
  }

  /** The port of the service. */
  portOf(name: string, protocol: ServiceProtocol): number | undefined {
    return this.#services.find(
      (service) => service.protocol === protocol && service.names.includes(name),
    )?.port;
  }

  /** The service at the port, by its official name. */
  nameOf(port: number, protocol: ServiceProtocol): string | undefined {
    return this.#services.find((service) => service.protocol === protocol && service.port === port)
      ?.names[0];
  }
}

function parseLine(line: string): Service[] {
  const [text = ''] = line.split('#');
  const [name, place = '', ...aliases] = text.trim().split(/\s+/);
  const [, port, protocol] = /^([0-9]{1,5})\/(\w+)$/.exec(place) ?? [];
  if (name === undefined || port === undefined || protocol === undefined) return [];
  return [{ names: [name, ...aliases], port: Number(port), protocol }];
}
