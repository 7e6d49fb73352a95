/*
 * The core without some of its data: zeros, which compress to nothing, in place of bytes that a program has elsewhere,
 * and where in memory they belong. Reads of the format what that takes: sections, and the segments of the data section
 * (WebAssembly, version 1, section 5.5.14).
 */
const dataSection = 11;

/**
 * `{ bytes, offsets }`: the module with zeros, and the address of each piece. Throws where a piece is not in the data
 * exactly once.
 */
export function withoutData(wasm, pieces) {
  const bytes = Buffer.from(wasm);
  const segments = segmentsOf(wasm);
  const offsets = pieces.map((piece) => {
    const found = segments.filter(({ content }) => content.includes(piece));
    if (found.length !== 1) throw new Error('the core does not hold its vocabulary as one piece');
    const [{ address, start, content }] = found;
    const index = content.indexOf(piece);
    if (content.includes(piece, index + 1)) throw new Error('the core holds its vocabulary twice');
    bytes.fill(0, start + index, start + index + piece.length);
    return address + index;
  });
  return { bytes, offsets };
}

/** The active segments: the address that each is for, where it starts in the file, and its bytes. */
function segmentsOf(wasm) {
  let position = 8;
  const unsigned = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[position++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (position < wasm.length) {
    const id = wasm[position++];
    const size = unsigned();
    if (id !== dataSection) {
      position += size;
      continue;
    }
    return Array.from({ length: unsigned() }, () => {
      // Memory 0, i32.const, the address (below 2^27, so never negative as a signed number), end.
      const [kind, constant] = [unsigned(), wasm[position++]];
      const address = unsigned();
      const end = wasm[position++];
      if (kind !== 0 || constant !== 0x41 || end !== 0x0b) throw new Error('no active segment');
      const length = unsigned();
      const start = position;
      position += length;
      return { address, start, content: wasm.subarray(start, position) };
    });
  }
  throw new Error('the core has no data');
}
