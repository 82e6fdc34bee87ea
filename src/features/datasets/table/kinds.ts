/** What the cells of a column are read as while a table comes in; what type they make is decided once all are there. */
import type { ColumnDeclaration } from '../../../api/upload-options.schema.ts'

/** Small numbers, since the hot loops compare them for every cell. `mixed` has been read as something that it is not. */
export const kinds = { unknown: 0, number: 1, boolean: 2, moment: 3, text: 4, mixed: 5 } as const
export type Kind = (typeof kinds)[keyof typeof kinds]

/** What a declaration says of cells. */
export const kindOf = (declaration: ColumnDeclaration | undefined): Kind => {
  switch (declaration) {
    case 'number':
    case 'integer':
      return kinds.number
    case 'boolean':
      return kinds.boolean
    case 'date':
    case 'datetime':
      return kinds.moment
    case 'category':
    case 'text':
      return kinds.text
    case 'ignore':
    case undefined:
      return kinds.unknown
  }
}
