/** Steps through the pages of a list. A cursor only leads on, so the way back is kept in the address. */
import type { ComponentChildren } from 'preact'
import { useSearch } from '../router.ts'

/** The cursor of the page that the address names, as `after`. */
export const useCursor = (): string | undefined => useSearch()[0].get('after')?.split(',').at(-1) || undefined

export const Pager = ({ nextCursor, children }: { nextCursor: string | null; children?: ComponentChildren }) => {
  const [search, change] = useSearch()
  const cursors = (search.get('after') ?? '').split(',').filter((cursor) => cursor !== '')
  if (cursors.length === 0 && nextCursor === null && !children) return null
  return (
    <nav class="pager" aria-label="Pages">
      <span class="muted">{children ?? `Page ${cursors.length + 1}`}</span>
      <span class="actions">
        <button
          type="button"
          class="button small"
          disabled={cursors.length === 0}
          onClick={() => change({ after: cursors.slice(0, -1).join(',') })}
        >
          Newer
        </button>
        <button
          type="button"
          class="button small"
          disabled={nextCursor === null}
          // The way back is long enough with 40 pages; from further on it leads to the start.
          onClick={() => change({ after: [...cursors.slice(-39), nextCursor ?? ''].join(',') })}
        >
          Older
        </button>
      </span>
    </nav>
  )
}
