/** Reads the lines of a backup, and between them the rows of tables, of any size, as they come. */

const ending = Buffer.from('\\.\n')
const endingAfterRows = Buffer.from('\n\\.\n')
/** No line that isn't a row is longer. */
const longestLine = 1024 * 1024

/** A reader of a backup's text. @throws if it ends before its end */
export const createBackupReader = (source: AsyncIterable<Buffer>) => {
  const chunks = source[Symbol.asyncIterator]()
  let buffer = Buffer.alloc(0)

  const next = (): Promise<IteratorResult<Buffer>> =>
    chunks.next().catch((error: NodeJS.ErrnoException) => {
      throw error.code?.startsWith('Z_') ? new Error('the backup is damaged, incomplete, or no backup', { cause: error }) : error
    })

  const fill = async (): Promise<void> => {
    const { done, value } = await next()
    if (done) throw new Error('the backup is incomplete: it ends before its last line')
    buffer = Buffer.concat([buffer, value])
  }

  /** Behind the last line comes nothing but the checksum of all that was read, which is looked at only here. */
  const end = async (): Promise<void> => {
    if (buffer.length > 0 || !(await next()).done) throw new Error('the backup is damaged: it goes on behind its last line')
  }

  /** The next line, without its end. */
  const line = async (): Promise<string> => {
    let end = buffer.indexOf('\n')
    while (end < 0) {
      if (buffer.length > longestLine) throw new Error('this is no backup that `npm run backup` made')
      await fill()
      end = buffer.indexOf('\n')
    }
    const text = buffer.toString('utf8', 0, end)
    buffer = buffer.subarray(end + 1)
    return text
  }

  /** The rows up to the line that ends them, which is taken too. */
  async function* rows(): AsyncGenerator<Buffer> {
    while (buffer.length < ending.length) await fill()
    if (buffer.subarray(0, ending.length).equals(ending)) {
      buffer = buffer.subarray(ending.length)
      return
    }
    for (let end = buffer.indexOf(endingAfterRows); ; end = buffer.indexOf(endingAfterRows)) {
      if (end >= 0) {
        yield buffer.subarray(0, end + 1)
        buffer = buffer.subarray(end + endingAfterRows.length)
        return
      }
      // The last bytes may be the beginning of the end.
      const safe = buffer.length - ending.length
      yield buffer.subarray(0, safe)
      buffer = buffer.subarray(safe)
      await fill()
    }
  }

  return { line, rows, end }
}
