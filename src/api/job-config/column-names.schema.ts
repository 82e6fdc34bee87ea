/** Names of columns, as several parts of a job config have them. */
import { Type } from 'typebox'

export const columnNames = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 256 }, maxItems: 100_000, uniqueItems: true }

export const columnNamesSchema = Type.Unsafe<string[]>({
  $id: 'ColumnNames',
  ...columnNames,
  minItems: 1,
  description: 'Names of columns.',
})
