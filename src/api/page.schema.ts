/** Lists: newest first, read page by page with a cursor. */
import { type TObject, type TSchema, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { notBeforeKeyword } from '../validation/not-before.ts'
import { nullable } from './nullable.ts'

/** Longest list of numbers or texts that an entry of a list of resources shows; a longer one is left out. */
export const longestShown = 100

/** Query parameters that say when what is listed was made. */
export const createdQuery = {
  createdAfter: Type.Optional(Type.String({ format: 'date-time', description: 'Only what was created later than this.' })),
  createdBefore: Type.Optional(
    Type.String({ format: 'date-time', [notBeforeKeyword]: 'createdAfter', description: 'Only what was created earlier than this.' }),
  ),
}

/** What `after` is, in a message about one that is none. */
export const cursorTitle = 'the nextCursor of a page of this list'

/** Query parameters of a list of things with ids of this prefix. */
export const pageQuery = (prefix: string) => ({
  after: Type.Optional(
    Type.String({
      pattern: `^${prefix}_[0-9a-z]{26}$`,
      title: cursorTitle,
      description: "The previous page's nextCursor: goes on after it.",
    }),
  ),
  limit: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 20,
    description: 'Most entries of a page. It ends earlier if they come to 1 MiB; `hasMore` and `nextCursor` say how to go on.',
  }),
  ...createdQuery,
})

/** The query parameter that names fields of resources of this schema. */
export const fieldsQuery = ({ properties }: TObject) => ({
  fields: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: `Only these fields, separated by commas: ${Object.keys(properties).join(', ')}.`,
      examples: [Object.keys(properties).slice(0, 2).join(',')],
    }),
  ),
})

/** What a repository is asked for. */
export type PageRequest = { after?: string; limit: number } & Created
/** When what a list is to have was made. */
export type Created = { createdAfter?: string; createdBefore?: string }

/** One page. `nextCursor` is null on the last one. */
export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null }

/** The schema of a page of `item`. */
export const pageOf = <Item extends TSchema>(item: Item, annotations: Record<string, unknown> = {}) =>
  Type.Object(
    {
      data: Type.Array(item, { description: 'Newest first, or in the order that was asked for.' }),
      hasMore: Type.Boolean({ description: 'Whether there is a next page.' }),
      nextCursor: nullable(Type.String(), 'What to pass as `after` for the next page.'),
    },
    annotations,
  )

/** A resource of which only some fields were asked for. */
export const SomeFieldsSchema = Type.Object(
  {},
  {
    $id: 'SomeFields',
    additionalProperties: true,
    description: 'Those fields of a resource that `fields` named, each as the whole resource has it.',
    examples: [{ id: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6' }],
  },
)

export const SomeFieldsPageSchema = pageOf(ref(SomeFieldsSchema), {
  $id: 'SomeFieldsPage',
  description: 'A page of resources of which only some fields were asked for.',
  examples: [{ data: [{ id: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6' }], hasMore: false, nextCursor: null }],
})

/** Bytes of JSON that the entries of a page may have together; a single one that has more makes a page of its own. */
export const pageBytes = 2 ** 20

/** A page of rows that were cut by number or by bytes, and whether more come after them. */
export const toPage = <Item extends { id: string }>({ rows, hasMore }: { rows: Item[]; hasMore: boolean }): Page<Item> => ({
  data: rows,
  hasMore,
  nextCursor: hasMore ? (rows.at(-1)?.id ?? null) : null,
})

/** Says of an entry of a list what it does not show. */
export const omittedSchema = Type.Optional(
  Type.Array(Type.String(), {
    description:
      'Only in lists, and only if something was left out: JSON Pointers to the first of the lists of more than 100 numbers or texts that this entry lacks. The resource by its id has them.',
  }),
)
