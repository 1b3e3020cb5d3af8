/** Certificates for one file of tests: an authority, and what it has signed; made by `openssl`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and its certificate, in PEM, and where they lie. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
}

/** All that is needed to trust and to be trusted. */
export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  readonly caFile: string;
  /** For `localhost` and 127.0.0.1. */
  readonly server: Identity;
  /** For `other.example`. */
  readonly other: Identity;
  readonly client: Identity;
  /** Signed by nobody but itself, for `localhost`. */
  readonly stranger: Identity;
  /** Removes the files. */
  readonly close: () => void;
}

/** Makes them, in a folder that `close` removes. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'wl-'));
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const selfSigned = (name: string, subject: string, ...more: readonly string[]): void => {
    openssl(...newKey('-x509', name, subject), '-days', '2', '-out', `${name}.pem`, ...more);
  };
  const signed = (name: string, subject: string, names: string): void => {
    openssl(...newKey('-new', name, subject), '-out', `${name}.csr`);
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
    openssl('x509', '-req', ...files, ...by);
  };
  const identity = (name: string): Identity => {
    const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    return {
      key: readFileSync(keyFile, 'utf8'),
      cert: readFileSync(certFile, 'utf8'),
      keyFile,
      certFile,
    };
  };
  selfSigned('ca', '/CN=Authority of a test');
  selfSigned('stranger', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
  signed('server', '/CN=localhost', 'DNS:localhost,IP:127.0.0.1');
  signed('other', '/CN=other.example', 'DNS:other.example');
  signed('client', '/CN=a client', 'DNS:client.example');
  const caFile = join(folder, 'ca.pem');
  return {
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    server: identity('server'),
    other: identity('other'),
    client: identity('client'),
    stranger: identity('stranger'),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Keys of elliptic curves are made in no time. */
function newKey(kind: '-x509' | '-new', name: string, subject: string): readonly string[] {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  return ['req', kind, ...curve, '-nodes', '-keyout', `${name}.key`, '-subj', subject];
}
