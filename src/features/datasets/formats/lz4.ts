/** LZ4: frames, as Arrow compresses its buffers, and blocks alone, as Parquet does its pages. Checksums are not looked at. */

const frameMark = 0x184d2204

/** What a frame was before it was compressed. @throws Error if it is none, or not whole */
export const unlz4 = (frame: Uint8Array): Uint8Array => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== frameMark) throw new Error('a buffer is no LZ4 frame')
  const flags = view.getUint8(4)
  const sumBytes = flags & 0x10 ? 4 : 0
  const out = createOutput()
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    const length = size & 0x7fffffff
    if (at + 4 + length > frame.length) throw new Error('an LZ4 frame ends too early')
    const block = frame.subarray(at + 4, at + 4 + length)
    if (size >>> 31) out.add(block)
    else readBlock(block, out)
    at += 4 + length + sumBytes
  }
  return out.bytes()
}

/** What a block was before it was compressed. @throws Error if it is none */
export const unlz4Block = (block: Uint8Array): Uint8Array => {
  const out = createOutput()
  readBlock(block, out)
  return out.bytes()
}

/** Bytes that grow; a block may copy from those before it. */
const createOutput = () => {
  let buffer = new Uint8Array(64 * 1024)
  let filled = 0

  const reserve = (more: number): void => {
    if (filled + more <= buffer.length) return
    const larger = new Uint8Array(Math.max(2 * buffer.length, filled + more))
    larger.set(buffer.subarray(0, filled))
    buffer = larger
  }
  const add = (bytes: Uint8Array): void => {
    reserve(bytes.length)
    buffer.set(bytes, filled)
    filled += bytes.length
  }
  const repeat = (offset: number, length: number): void => {
    if (offset === 0 || offset > filled) throw new Error('an LZ4 block refers to what is not there')
    reserve(length)
    if (offset >= length) buffer.copyWithin(filled, filled - offset, filled - offset + length)
    else for (let at = filled; at < filled + length; at++) buffer[at] = buffer[at - offset] as number
    filled += length
  }
  return { add, repeat, bytes: () => buffer.subarray(0, filled) }
}

const readBlock = (block: Uint8Array, out: ReturnType<typeof createOutput>): void => {
  let at = 0
  const byte = (): number => {
    const value = block[at++]
    if (value === undefined) throw new Error('an LZ4 block ends too early')
    return value
  }
  const lengthFrom = (first: number): number => {
    let length = first
    if (first === 15)
      for (let next = 255; next === 255; ) {
        next = byte()
        length += next
      }
    return length
  }
  while (at < block.length) {
    const token = byte()
    const literals = lengthFrom(token >> 4)
    if (at + literals > block.length) throw new Error('an LZ4 block ends too early')
    out.add(block.subarray(at, at + literals))
    at += literals
    // The last sequence of a block is literals alone.
    if (at === block.length) return
    const offset = byte() | (byte() << 8)
    out.repeat(offset, lengthFrom(token & 15) + 4)
  }
}
