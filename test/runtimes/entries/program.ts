/*
 * The suite as a program: for Node, Bun and Deno. Prints the outcomes as JSON, on a line of its own.
 */
import { runSuite } from '../suite.js';
import { requires } from '../checks/requires.js';

console.log(`outcomes ${JSON.stringify(await runSuite(requires))}`);
