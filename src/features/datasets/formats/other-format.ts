/** Files that are not the text that they were sent as, told by how they begin. */
import { Problem } from '../../../contracts/error-codes.ts'

/** `starts` in hexadecimal; `is` what to say of it. */
const others = [
  { starts: '1f8b08', is: 'is compressed with gzip: send it with Content-Encoding: gzip' },
  { starts: '28b52ffd', is: 'is compressed with zstd: send it with Content-Encoding: zstd' },
  {
    starts: '504b0304',
    is: 'is a zip archive, as .xlsx, .ods and .npz files are: save a spreadsheet as CSV, send .npz as application/x-npz',
  },
  { starts: 'd0cf11e0', is: 'is a file of Microsoft Office: save the sheet as CSV' },
  { starts: '5041523115', is: 'is a Parquet file: send it as application/vnd.apache.parquet' },
  { starts: '4152524f57310000', is: 'is an Arrow file: send it as application/vnd.apache.arrow.file' },
  { starts: 'ffffffff', is: 'is no text; an Arrow stream is sent as application/vnd.apache.arrow.stream' },
  { starts: '934e554d5059', is: 'is a NumPy array: send it as application/x-npy' },
  { starts: 'fffe0000', is: 'is UTF-32: write it in UTF-8' },
  { starts: '0000feff', is: 'is UTF-32: write it in UTF-8' },
]

/** @throws Problem MALFORMED_BODY if a file that is to be text begins as another format does, with what to do about it */
export const requireText = (beginning: Uint8Array): void => {
  const start = Buffer.from(beginning.buffer, beginning.byteOffset, Math.min(beginning.length, 8)).toString('hex')
  const other = others.find(({ starts }) => start.startsWith(starts))
  if (!other) return
  throw new Problem('MALFORMED_BODY', `The file ${other.is}`, [{ path: '/body', code: 'other_format', message: other.is }])
}
