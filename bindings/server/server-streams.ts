/*
 * The stream machine of a new connection, from what the server and the host decide about it and what the
 * modules add. Only what is set is passed on: the machines have defaults of their own.
 */
import type { Engine } from '../engine.js';
import { ServerStream } from '../protocol/server-stream.js';
import { tcpFraming } from '../transport/tcp.js';
import type { ServerModule } from './module.js';
import type { ConnectOptions, ServerOptions } from './options.js';

export interface SharedByStreams {
  readonly domain: string;
  readonly modules: readonly ServerModule[];
  readonly random: (byteCount: number) => Uint8Array;
  readonly engine?: Engine;
}

export function makeStream(
  serverOptions: ServerOptions,
  options: ConnectOptions,
  { domain, modules, random, engine }: SharedByStreams,
): ServerStream {
  const { framing = tcpFraming, isEncrypted = false, tls = 'none', tlsFacts } = options;
  const { liveness, management = {}, hasSasl2 = true } = serverOptions;
  const { mechanisms, limits, maxAuthAttempts, negotiationMs, closeMs } = serverOptions;
  return new ServerStream({
    ...{ framing, random, tls, isEncrypted, hasSasl2 },
    domains: [domain],
    extensions: modules.flatMap((module) => module.streamFeatures ?? []),
    hasRegistration: modules.some((module) => 'register' in module),
    ...(tlsFacts && { tlsFacts }),
    ...(management && { management }),
    ...(liveness && { liveness }),
    ...(mechanisms && { mechanisms }),
    ...(limits && { limits }),
    ...(maxAuthAttempts !== undefined && { maxAuthAttempts }),
    ...(negotiationMs !== undefined && { negotiationMs }),
    ...(closeMs !== undefined && { closeMs }),
    ...(engine && { engine }),
  });
}
