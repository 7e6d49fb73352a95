/*
 * The suite as a Cloudflare Worker: the outcomes are the answer to any request.
 */
import { runSuite } from '../suite.js';

export default {
  async fetch(): Promise<Response> {
    return Response.json(await runSuite());
  },
};
