/*
 * XMPP over WebSocket (RFC 7395) on Cloudflare workerd: for the embedded server inside one object, and for streams
 * that outlive the sleep of the object that holds them.
 */
import '../wasm/full.js';

export { FrameRouter } from './frame-router.js';
export type { FrameRoute, FrameRouterOptions } from './frame-router.js';
export { HibernatingStreams } from './hibernating-streams.js';
export type { ResumptionOptions } from './resumption.js';
export type { KeptSession, SessionStorage } from './session-store.js';
export type { SocketKeeper, UpgradeRequest, WorkerSocket } from './runtime.js';
export type {
  EdgeStream,
  HibernatingStreamsOptions,
  ResourceWish,
  ResumeWish,
  StreamHost,
} from './stream-host.js';
export { upgrade } from './upgrade.js';
