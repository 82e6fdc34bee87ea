/** What of the list is shown; kept in the address, so that a link shows the same. */
import { useEffect, useState } from 'preact/hooks'
import type { JobStatus } from '../../api/types.ts'
import { Field } from '../../components/field.tsx'
import { useSearch } from '../../router.ts'

const statuses: JobStatus[] = ['queued', 'running', 'pausing', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled']

/** The query of the list that the address asks for, and the entries of `metadata` that could not be read. */
export const listQuery = (search: URLSearchParams, after: string | undefined): { query: URLSearchParams; unread: string[] } => {
  const query = new URLSearchParams({ limit: '20' })
  const status = statuses.find((known) => known === search.get('status'))
  if (status) query.set('status', status)
  if (after) query.set('after', after)
  const unread: string[] = []
  for (const entry of entriesOf(search.get('metadata') ?? '')) {
    const at = entry.indexOf('=')
    if (at > 0) query.set(`metadata[${entry.slice(0, at)}]`, entry.slice(at + 1))
    else unread.push(entry)
  }
  return { query, unread }
}

export const Filters = ({ unread }: { unread: string[] }) => {
  const [search, change] = useSearch()
  const wanted = search.get('metadata') ?? ''
  const [text, setText] = useState(wanted)
  useEffect(() => setText(wanted), [wanted])
  const submit = (event: Event): void => {
    event.preventDefault()
    change({ metadata: text.trim(), after: undefined })
  }
  return (
    <search>
      <form class="filters" onSubmit={submit}>
        <Field label="Status">
          {(field) => (
            <select
              {...field}
              value={search.get('status') ?? ''}
              onChange={(event) => change({ status: event.currentTarget.value, after: undefined })}
            >
              <option value="">all</option>
              {statuses.map((status) => (
                <option key={status} value={status}>
                  {status}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field class="metadata-filter" label="Metadata" error={unread.length > 0 ? `Write key=value, not ${unread.join(', ')}` : undefined}>
          {(field) => (
            <input
              {...field}
              type="search"
              placeholder='notebook=linear  owner="Ada L."'
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="button">
          Search
        </button>
        {(search.get('status') || wanted) && (
          <button type="button" class="button quiet" onClick={() => change({ status: undefined, metadata: undefined, after: undefined })}>
            Clear
          </button>
        )}
      </form>
    </search>
  )
}

/** Entries are separated by spaces; quotes hold together a value that has some. */
const entriesOf = (text: string): string[] => [...text.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([entry]) => entry.replaceAll('"', ''))
