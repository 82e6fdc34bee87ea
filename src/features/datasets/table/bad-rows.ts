/** Rows that cannot be read: left out up to a limit, counted, and the first of them listed. */
import type { BadRows } from '../../../api/dataset.schema.ts'
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { listedBadRows } from '../../../contracts/table-limits.ts'

export const createBadRows = (allowed: UploadOptions['badRows']) => {
  const listed: BadRows['rows'] = []
  let count = 0

  const add = (line: number, message: string): void => {
    count++
    if (listed.length < listedBadRows) listed.push({ line, message: message.slice(0, longestMessage) })
  }

  /** What came of them in a table of so many rows, those included; an error if there are too many. */
  const finish = (rows: number): { badRows: BadRows | null; error?: ValidationError } => {
    if (!allowed) return { badRows: null }
    const most = allowed.max < 1 ? Math.floor(allowed.max * rows) : allowed.max
    if (count <= most) return { badRows: { count, rows: listed } }
    const first = listed.slice(0, 3).map(({ message }) => message)
    const message = `${count} of ${rows} rows cannot be read, and at most ${most} may be left out: ${first.join('; ')}${count > 3 ? '; …' : ''}`
    return {
      badRows: null,
      error: { path: '/badRows/max', code: 'too_many_bad_rows', message, ...(listed[0] ? { line: listed[0].line } : {}) },
    }
  }

  return { add, finish, areAllowed: allowed !== undefined }
}

const longestMessage = 300
