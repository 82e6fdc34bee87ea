/** Many float32 arrays as one run of bytes, read and written a chunk at a time without ever being joined. */

/** A view: what is written to it is in the arrays. */
export const createValueRun = (arrays: readonly Float32Array[]) => {
  let length = 0
  const parts = arrays.map((array) => {
    const part = { from: length, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) }
    length += array.byteLength
    return part
  })

  /** Calls back for each array that so many bytes from `at` on touch, with its touched part and where in the chunk that lies. */
  const overlap = (at: number, size: number, each: (touched: Uint8Array, from: number) => void): void => {
    for (const { from, bytes } of parts) {
      const start = Math.max(at, from)
      const end = Math.min(at + size, from + bytes.length)
      if (start < end) each(bytes.subarray(start - from, end - from), start - at)
    }
  }

  const read = (at: number, size: number): Uint8Array => {
    const chunk = new Uint8Array(size)
    overlap(at, size, (touched, from) => chunk.set(touched, from))
    return chunk
  }

  const write = (at: number, chunk: Uint8Array): void =>
    overlap(at, chunk.length, (touched, from) => touched.set(chunk.subarray(from, from + touched.length)))

  return { length, read, write }
}

export type ValueRun = ReturnType<typeof createValueRun>
