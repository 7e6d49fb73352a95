/** Where things lie, as paths of this machine. */

import { fileURLToPath } from 'node:url';

export const benchFolder = fileURLToPath(new URL('..', import.meta.url));
export const rootFolder = fileURLToPath(new URL('../..', import.meta.url));
export const cacheFolder = fileURLToPath(new URL('../.cache', import.meta.url));
