/*
 * What a stream needs in order to go on after the sleep of its object, as it stands in the attachment of its socket:
 * its name, the address it is bound to, its language and, under stream management, two counts. What is not bound
 * has its name alone, what is over not even that much. At most 16 KiB are kept, and an address has 3 KiB.
 */
import type { WorkerSocket } from './runtime.js';

export interface Attachment {
  readonly id: string;
  /** '' before it is bound. */
  readonly jid: string;
  readonly lang: string;
  /** Of stream management (XEP-0198), once it is enabled. */
  readonly counts?: Counts | undefined;
}

export interface Counts {
  /** Stanzas of the client's that were handled, and of ours that it has acknowledged. */
  readonly handled: number;
  readonly sent: number;
}

/** No JID. */
const over = '/';

export const isOver = (attachment: Attachment | undefined): boolean => attachment?.jid === over;

export function readAttachment(socket: WorkerSocket): Attachment | undefined {
  const value = socket.deserializeAttachment();
  return value === null || value === undefined ? undefined : (value as Attachment);
}

/** Throws where the socket is gone, which has no use for it. */
export function writeAttachment(socket: WorkerSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

export const overAttachment = (id: string): Attachment => ({ id, jid: over, lang: '' });
