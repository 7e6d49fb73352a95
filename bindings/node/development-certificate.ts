/*
 * A certificate for trying things out: an authority of one's own, kept in a folder so that clients can be
 * told once to trust it, and a certificate that it signs anew at each start. By `@peculiar/x509` on
 * WebCrypto, since neither can make certificates alone.
 *
 *     DIR/ca.pem       what clients trust
 *     DIR/ca-key.pem   readable by the owner only
 *
 * Not for the public Internet: there, name a certificate that a public authority has signed.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as X509 from '@peculiar/x509';
import { optionalPackage } from './optional-package.js';

export interface DevelopmentCertificateOptions {
  readonly domain: string;
  /** Further names and addresses for which the certificate holds. */
  readonly names?: readonly string[];
  /** Where the authority is kept; without it a new one is made, which nobody can trust. */
  readonly folder?: string;
}

export interface Certificate {
  /** PEM, the certificate and its authority. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM of the authority. */
  readonly authority: string;
  readonly authorityPath?: string;
}

interface Authority {
  readonly certificate: X509.X509Certificate;
  readonly privateKey: CryptoKey;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const authorityDays = 3650;
/** A client may refuse more than 825 days. */
const certificateDays = 90;

/** Throws UsageError when `@peculiar/x509` is not installed. */
export async function developmentCertificate(
  options: DevelopmentCertificateOptions,
): Promise<Certificate> {
  const x509 = await loadX509();
  const { domain, names = [], folder } = options;
  const authority =
    folder === undefined ? await makeAuthority(x509) : await keptAuthority(x509, folder);
  const keys = await makeKeys();
  const { notBefore, notAfter } = validity(certificateDays);
  // An IPv6 address as a domain has brackets, in a certificate it has none.
  const all = [domain, ...names].map((name) => name.replace(/^\[(.*)\]$/, '$1'));
  const alternatives = [...new Set(all)].map((name) => ({
    type: isIpAddress(name) ? ('ip' as const) : ('dns' as const),
    value: name,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${domain}`,
    issuer: authority.certificate.subject,
    notBefore,
    notAfter,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
    ],
  });
  const authorityPem = `${authority.certificate.toString('pem')}\n`;
  return {
    cert: `${certificate.toString('pem')}\n${authorityPem}`,
    key: await privateKeyPem(x509, keys.privateKey),
    authority: authorityPem,
    ...(folder !== undefined && { authorityPath: join(folder, 'ca.pem') }),
  };
}

const loadX509 = (): Promise<typeof X509> =>
  optionalPackage(async () => {
    // The library reads metadata of its classes while it loads.
    await import('reflect-metadata');
    return import('@peculiar/x509');
  }, "a development certificate needs the packages '@peculiar/x509' and 'reflect-metadata', " + 'which are not installed: npm install @peculiar/x509 reflect-metadata');

async function keptAuthority(x509: typeof X509, folder: string): Promise<Authority> {
  const paths = { certificate: join(folder, 'ca.pem'), key: join(folder, 'ca-key.pem') };
  try {
    const certificate = new x509.X509Certificate(await readFile(paths.certificate, 'utf8'));
    const raw = x509.PemConverter.decodeFirst(await readFile(paths.key, 'utf8'));
    const privateKey = await crypto.subtle.importKey('pkcs8', raw, algorithm, false, ['sign']);
    if (certificate.notAfter.getTime() > Date.now() + certificateDays * dayMs) {
      return { certificate, privateKey };
    }
  } catch (error) {
    // Absent at the first start. A file that cannot be read must not be written over in silence.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new Error(
        `the development authority in ${paths.certificate} and ${paths.key} cannot be used; ` +
          'without both files a new one is made',
        { cause: error },
      );
    }
  }
  const authority = await makeAuthority(x509);
  await mkdir(folder, { recursive: true });
  await writeFile(paths.key, await privateKeyPem(x509, authority.privateKey), { mode: 0o600 });
  await writeFile(paths.certificate, `${authority.certificate.toString('pem')}\n`);
  return authority;
}

async function makeAuthority(x509: typeof X509): Promise<Authority> {
  const keys = await makeKeys();
  const { notBefore, notAfter } = validity(authorityDays);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=tercet development authority',
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

const makeKeys = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

async function privateKeyPem(x509: typeof X509, key: CryptoKey): Promise<string> {
  const raw = await crypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(raw, 'PRIVATE KEY')}\n`;
}

/** From yesterday, for clocks that differ. */
const validity = (days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - dayMs),
  notAfter: new Date(Date.now() + days * dayMs),
});

/** Hexadecimal, positive whatever the bytes. */
const serialNumber = (): string =>
  `01${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`;

const isIpAddress = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(':');
