/** One line on stderr that says where a run is; nothing when stderr is no terminal. */

export function progress(title) {
  if (!process.stderr.isTTY) return { say() {}, clear() {} };
  const began = performance.now();
  return {
    say(text) {
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      process.stderr.write(`\r\x1b[K${title} ${text} (${seconds} s)`);
    },
    clear() {
      process.stderr.write('\r\x1b[K');
    },
  };
}
