/*
 * Packages that are loaded when they are needed, and may be absent: what is told of one that is. One that is there
 * and does not load has a reason of its own, such as a permission of Deno's, which is told as it is.
 */
import { UsageError } from '../errors.js';

/** What `load` gives; throws UsageError with `absence` where there is no such package. */
export async function optionalPackage<Package>(
  load: () => Promise<Package>,
  absence: string,
): Promise<Package> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(absence);
  }
}
