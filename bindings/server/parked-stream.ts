/*
 * The stream of a session whose connection was lost and which may be resumed (XEP-0198, section 5): what is
 * sent to it is counted and kept, within the limits of its account, until the client is back.
 */
import type { StreamManagement } from '../protocol/stream-management.js';
import type { SessionStream } from './sessions.js';

export class ParkedStream implements SessionStream {
  readonly isManaged = true;
  readonly isLost = true;
  #isOver = false;

  constructor(
    readonly id: number,
    readonly isEncrypted: boolean,
    readonly lang: string,
    readonly management: StreamManagement,
    /** More is kept than may be, or the session is not wanted any longer. */
    readonly giveUp: () => void,
    /** Something is for the session that was given up. */
    readonly missed: (bytes: Uint8Array, tag: number) => void,
  ) {}

  get scope(): string {
    return this.management.scope;
  }

  deliver(bytes: Uint8Array, tag = 0): void {
    if (this.#isOver) this.missed(bytes, tag);
    else if (!this.management.push(bytes, tag)) this.close();
  }

  act(action: () => void): void {
    action();
  }

  close(): void {
    this.#isOver = true;
    this.giveUp();
  }

  handOver(): StreamManagement {
    return this.management;
  }
}
