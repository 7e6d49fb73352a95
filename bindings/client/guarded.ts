/*
 * Functions of the program's that are called from inside the client: a fault in one is the program's, and
 * not the connection's.
 */

/** The same function; what it throws is thrown outside of the caller. */
export function guarded<T>(call: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      call(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
