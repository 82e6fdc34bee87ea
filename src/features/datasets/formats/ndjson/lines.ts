/** Text that comes in pieces, as lines of bytes. */

/** Calls `take` with each line that is not blank and its number from 1, without its end; `tooLong` with one of more than `most` bytes. */
export const createLines = ({
  most,
  take,
  tooLong,
}: {
  most: number
  take: (line: Buffer, number: number) => void
  tooLong: (number: number) => void
}) => {
  let kept: Buffer[] = []
  let bytes = 0
  let number = 1

  const keep = (part: Uint8Array): void => {
    bytes += part.length
    if (bytes > most) tooLong(number)
    kept.push(Buffer.from(part))
  }

  const endLine = (line: Buffer): void => {
    if (line.length > most) tooLong(number)
    if (!isBlank(line)) take(line, number)
    number++
  }

  const write = (piece: Uint8Array): void => {
    let from = 0
    for (let at = piece.indexOf(lineFeed); at >= 0; at = piece.indexOf(lineFeed, from)) {
      const part = Buffer.from(piece.buffer, piece.byteOffset + from, at - from)
      if (kept.length === 0) endLine(part)
      else {
        const line = Buffer.concat([...kept, part])
        kept = []
        bytes = 0
        endLine(line)
      }
      from = at + 1
    }
    if (from < piece.length) keep(piece.subarray(from))
  }

  const end = (): void => {
    if (kept.length > 0) endLine(Buffer.concat(kept))
    kept = []
  }

  return { write, end }
}

const lineFeed = 0x0a

const isBlank = (line: Buffer): boolean => {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false
  return true
}
