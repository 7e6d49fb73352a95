/*
 * The seed of the hashes over names and namespaces that peers choose: a random number of the instance, so
 * that nobody can aim at one slot.
 */
export class Hash {
  static seed: u32 = 0;
}
