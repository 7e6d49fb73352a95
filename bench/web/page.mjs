/** A subject on a page of Chromium: `benchTake(message)` is called from outside. */

import { take } from './child.mjs';

const fetchFile = async (path) => {
  const response = await fetch(`/corpora?path=${encodeURIComponent(path)}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.arrayBuffer();
};

globalThis.benchTake = (message) => take(message, fetchFile);
