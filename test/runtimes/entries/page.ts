/*
 * The suite in a browser: on a page, whose script calls `runTercetSuite`, and in a worker of it, which
 * is sent a message and answers with one. Both are told of a server that they can connect to.
 */
import { connect } from 'tercet/browser';
import type { Check, Outcome } from '../check.js';
import { greet } from '../checks/greeting.js';
import { runSuite } from '../suite.js';

const runTercetSuite = (service: string): Promise<Outcome[]> => {
  const over: Check = {
    name: 'connect over WebSocket',
    run: () => greet(connect, { service, password: 'balcony' }),
  };
  return runSuite([over]);
};

interface Scope {
  runTercetSuite?: typeof runTercetSuite;
  readonly document?: unknown;
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: string }) => void): void;
}

const scope = globalThis as unknown as Scope;
if (scope.document === undefined) {
  scope.addEventListener('message', ({ data }) => {
    void runTercetSuite(data).then((outcomes) => scope.postMessage(outcomes));
  });
} else {
  scope.runTercetSuite = runTercetSuite;
}
