/*
 * What a stream asks the server that takes its time: who its client is, and for an account of one that has none. The
 * stream waits; the answer is given to its machine.
 */
import type { ServerEffect } from '../protocol/effects.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { ConnectionOwner } from './connection-owner.js';

export type LateQuestion = Extract<
  ServerEffect,
  { type: 'authCheck' | 'register' | 'identityCheck' }
>;

/** Gives an answer to the machine of the stream, at a time, and carries out what it asks for then. */
export type Give = (answer: (stream: ServerStream, now: number) => ServerEffect[]) => void;

/** Asks `server`; `written` is called where the client may hear the answer only when what was written lasts. */
export function answerLate(
  question: LateQuestion,
  server: ConnectionOwner,
  id: number,
  give: Give,
  written: () => void,
): void {
  const { token } = question;
  switch (question.type) {
    case 'authCheck': {
      const { kind } = question.question;
      server.authenticate(question.question).then(
        (answer) => {
          server.log('info', 'authentication', { id, kind, outcome: answer.kind });
          give((stream, now) => stream.answerAuth(token, answer, now));
        },
        (error: unknown) => {
          server.log('error', 'authentication failed', { id, error: String(error) });
          const answer = { kind: 'refused', condition: 'temporary-auth-failure' } as const;
          give((stream, now) => stream.answerAuth(token, answer, now));
        },
      );
      return;
    }
    case 'register': {
      const before = server.commits.written;
      void server.register(question.stanza).then((reply) => {
        if (server.commits.written > before) written();
        give((stream, now) => stream.answerRegister(token, reply, now));
      });
      return;
    }
    case 'identityCheck': {
      // Guests and certificates need a policy that no module has.
      const refused = { kind: 'refused', condition: 'not-authorized' } as const;
      give((stream, now) => stream.answerAuth(token, refused, now));
    }
  }
}
