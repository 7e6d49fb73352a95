/*
 * Parts of addresses that are in canonical form already, as strings: cheaper than preparing them again.
 */

/** What stands before the resource. */
export function bareOf(address: string): string {
  const index = address.indexOf('/');
  return index < 0 ? address : address.slice(0, index);
}
