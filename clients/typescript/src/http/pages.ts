/** Lists that come page by page. */

export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null }

/** A list of any length: `for await (const one of list)` reads its pages as they are needed. */
export type List<Item> = AsyncIterable<Item> & {
  /** At most so many, as an array. */
  toArray: (max?: number) => Promise<Item[]>
}

/** `readPage` gets the cursor of a page, undefined for the first. */
export const createList = <Item>(readPage: (after: string | undefined) => Promise<Page<Item>>): List<Item> => {
  async function* items(): AsyncGenerator<Item> {
    let after: string | undefined
    do {
      const { data, nextCursor } = await readPage(after)
      yield* data
      after = nextCursor ?? undefined
    } while (after !== undefined)
  }

  const toArray = async (max = 1000): Promise<Item[]> => {
    const found: Item[] = []
    if (max > 0)
      for await (const item of items()) {
        found.push(item)
        if (found.length >= max) break
      }
    return found
  }

  return { [Symbol.asyncIterator]: items, toArray }
}
