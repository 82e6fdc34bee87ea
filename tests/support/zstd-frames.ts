/** Zstandard frames of raw and repeated blocks, since this Node writes none: as valid as any, and as small as a bomb. */

const frame = (window: number, blocks: Buffer[]): Buffer => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]), ...blocks])

const block = (kind: 0 | 1, size: number, content: Buffer, isLast: boolean): Buffer => {
  const header = (size << 3) | (kind << 1) | Number(isLast)
  return Buffer.concat([Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), content])
}

/** The descriptor of a window of 1 MiB. */
const usualWindow = 10 << 3

/** A frame that holds these bytes as they are, in blocks of at most `size`. */
export const rawZstd = (bytes: Buffer, { window = usualWindow, size = 100_000 } = {}): Buffer => {
  const blocks: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += size)
    blocks.push(block(0, Math.min(size, bytes.length - at), bytes.subarray(at, at + size), at + size >= bytes.length))
  return frame(window, blocks)
}

/** A frame of `blocks` blocks that each repeat a byte 128 KiB times: four bytes each. */
export const zstdBomb = (blocks: number, byte = 0x31): Buffer =>
  frame(
    usualWindow,
    Array.from({ length: blocks }, (_, at) => block(1, 128 * 1024, Buffer.from([byte]), at === blocks - 1)),
  )

/** The descriptor of a window of 2 GiB or so. */
export const hugeWindow = 21 << 3
