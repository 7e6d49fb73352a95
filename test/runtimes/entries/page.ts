/*
 * The suite in a browser: on a page, whose script calls `runTercetSuite`, and in a worker of it, which
 * is sent a message and answers with one.
 */
import { runSuite } from '../suite.js';

interface Scope {
  runTercetSuite?: typeof runSuite;
  readonly document?: unknown;
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: () => void): void;
}

const scope = globalThis as unknown as Scope;
if (scope.document === undefined) {
  scope.addEventListener('message', () => void runSuite().then((all) => scope.postMessage(all)));
} else {
  scope.runTercetSuite = runSuite;
}
