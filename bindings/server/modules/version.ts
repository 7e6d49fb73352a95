/*
 * Software version (XEP-0092): the name, and the version if the host tells one. Not the operating system:
 * nobody needs it but attackers.
 */
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import type { ServerModule } from '../module.js';

export interface VersionOptions {
  readonly name?: string;
  readonly version?: string;
}

export function version({
  name = 'tercet',
  version: number = '0',
}: VersionOptions = {}): ServerModule {
  const get = () =>
    xml('query', { xmlns: NS.version }, xml('name', {}, name), xml('version', {}, number));
  return {
    name: 'version',
    features: [NS.version],
    requests: [{ name: 'query', ns: NS.version, at: ['server'], get }],
  };
}
