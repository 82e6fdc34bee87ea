/** Lists: newest first, read page by page with a cursor. */
import { type TSchema, Type } from 'typebox'

/** Query parameters of a list of things with ids of this prefix. */
export const pageQuery = (prefix: string) => ({
  after: Type.Optional(
    Type.String({ pattern: `^${prefix}_[0-9a-z]{26}$`, description: "The previous page's nextCursor: goes on after it." }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Entries of a page.' }),
})

/** What a repository is asked for. */
export type PageRequest = { after?: string; limit: number }

/** One page. `nextCursor` is null on the last one. */
export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null }

/** The schema of a page of `item`. */
export const pageOf = <Item extends TSchema>(item: Item, annotations: Record<string, unknown> = {}) =>
  Type.Object(
    {
      data: Type.Array(item, { description: 'Newest first.' }),
      hasMore: Type.Boolean({ description: 'True where a next page exists.' }),
      nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'What to pass as `after` for the next page.' }),
    },
    annotations,
  )

/** A page from one more row than the limit, which is how one learns whether there are more. */
export const toPage = <Item extends { id: string }>(rows: Item[], limit: number): Page<Item> => {
  const data = rows.slice(0, limit)
  const hasMore = rows.length > limit
  return { data, hasMore, nextCursor: hasMore ? (data.at(-1)?.id ?? null) : null }
}
