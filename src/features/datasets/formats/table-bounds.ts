/** What a file that is read as a whole may come to, as far as it says so itself. */
import { Problem } from '../../../contracts/error-codes.ts'

/** Beyond `free` bytes of cells no more than `ratio` times the file. */
const bounds = { free: 256 * 1024 * 1024, ratio: 250 }

/** Bytes of cells, or of what they are before, that a file of so many bytes may come to. */
export const mostCellBytes = (fileBytes: number): number => Math.max(bounds.free, bounds.ratio * fileBytes)

export const tooMuch = (most: number): Problem => {
  const message = `comes to more than ${most} bytes of cells, which is the most for a file of its size`
  return new Problem('BODY_TOO_LARGE', `The file ${message}`, [{ path: '/body', code: 'too_large', message }])
}
