/*
 * The suite as a program: for Node, Bun and Deno. Prints the outcomes as JSON, on a line of its own.
 */
import { ports } from '../checks/ports.js';
import { requires } from '../checks/requires.js';
import { sockets } from '../checks/sockets.js';
import { runSuite } from '../suite.js';

console.log(`outcomes ${JSON.stringify(await runSuite([...requires, ...sockets, ...ports]))}`);
process.exit(0);
