/** What makes a file no CSV; its code is that of the reader that was used before, which clients know. */
export class CsvSyntaxError extends Error {
  readonly code: string
  readonly line: number

  constructor(code: string, message: string, line: number) {
    super(message)
    this.name = 'CsvSyntaxError'
    this.code = code
    this.line = line
  }
}
