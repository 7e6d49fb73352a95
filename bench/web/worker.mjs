/** A subject in a worker of workerd: the body of a request is a message, its answer the answer. */

import { take } from './child.mjs';

export default {
  async fetch(request, { corpora }) {
    const fetchFile = async (path) => {
      const response = await corpora.fetch(
        `http://corpora/${path.slice(path.lastIndexOf('/') + 1)}`,
      );
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response.arrayBuffer();
    };
    try {
      return Response.json(await take(await request.json(), fetchFile));
    } catch (error) {
      return new Response(String(error.stack ?? error), { status: 500 });
    }
  },
};
