/** Pixels of PNGs as an encoder of 8-bit RGB or RGBA writes them. */
import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'

/** Size and colors: each color as hexadecimal RGB, with how many pixels have it. */
export const readPng = (bytes: Buffer): { width: number; height: number; colors: Map<string, number> } => {
  assert.equal(bytes.subarray(0, 8).toString('hex'), '89504e470d0a1a0a', 'it begins as every PNG does')
  const data: Buffer[] = []
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)))
  const [width, height, depth, type] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24], bytes[25]]
  assert.ok(depth === 8 && (type === 2 || type === 6), `8 bits of RGB or RGBA, not ${depth} of ${type}`)
  const pixel = type === 6 ? 4 : 3
  const rows = unfilter(inflateSync(Buffer.concat(data)), { row: width * pixel, height, pixel })
  const colors = new Map<string, number>()
  for (let at = 0; at < rows.length; at += pixel) {
    const color = rows.toString('hex', at, at + 3)
    colors.set(color, (colors.get(color) ?? 0) + 1)
  }
  return { width, height, colors }
}

/** Undoes what each row was filtered by (PNG, section 9). */
const unfilter = (filtered: Buffer, { row, height, pixel }: { row: number; height: number; pixel: number }): Buffer => {
  // With a row and a pixel of zeros before the first ones, nothing has to be asked about edges.
  const stride = row + pixel
  const padded = Buffer.alloc(stride * (height + 1))
  for (let at = 0; at < row * height; at++) {
    const y = Math.floor(at / row)
    const from = y * (row + 1)
    const to = (y + 1) * stride + pixel + (at % row)
    const [left = 0, up = 0, corner = 0] = [padded[to - pixel], padded[to - stride], padded[to - stride - pixel]]
    const guesses = [0, left, up, (left + up) >> 1, paeth(left, up, corner)]
    padded[to] = (filtered[from + 1 + (at % row)] ?? 0) + (guesses[filtered[from] ?? 0] ?? 0)
  }
  return Buffer.concat(Array.from({ length: height }, (_, y) => padded.subarray((y + 1) * stride + pixel, (y + 2) * stride)))
}

const paeth = (left: number, up: number, corner: number): number => {
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
