/** The list of jobs, kept up to date while somebody looks at it. */
import { useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Job, Page } from '../../api/types.ts'
import { ErrorNotice } from '../../components/notice.tsx'
import { Pager, useCursor } from '../../components/pager.tsx'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'
import { isFinal } from '../job/status.ts'
import { BulkActions } from './bulk.tsx'
import { type Curves, createCurveLoader } from './curves.ts'
import { Filters, listQuery } from './filters.tsx'
import { JobTable } from './job-table.tsx'

export const title = (): string => 'Jobs'

/** Milliseconds between two looks at a list in which something happens, and at most between two. */
const busyMs = 6000
const maxMs = 30_000

export const View = () => {
  const [search] = useSearch()
  const { query, unread } = listQuery(search, useCursor())
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [loadCurves] = useState(createCurveLoader)
  const { data, error, reload } = useQuery(
    async (signal): Promise<{ page: Page<Job>; curves: Curves }> => {
      const page = await get<Page<Job>>(`/jobs?${query}`, { signal })
      return { page, curves: await loadCurves(page.data, signal) }
    },
    [String(query)],
    { pollMs: (shown, unchanged) => pollMs(shown?.page.data ?? [], unchanged) },
  )
  const jobs = data?.page.data ?? []

  return (
    <>
      <div class="heading">
        <h1>Jobs</h1>
        <a class="button primary" href="/new">
          New job
        </a>
      </div>
      <Filters unread={unread} />
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <BulkActions chosen={jobs.filter(({ id }) => chosen.has(id))} compared={[...chosen]} onDone={reload} />
      <section class="card job-list" aria-label="Jobs" aria-busy={data === undefined}>
        <JobTable
          jobs={jobs}
          curves={data?.curves ?? new Map()}
          chosen={chosen}
          onChoose={setChosen}
          empty={data ? emptyText(query) : 'Loading …'}
        />
        <Pager nextCursor={data?.page.nextCursor ?? null} />
      </section>
    </>
  )
}

/** Soon if a job of the list may change, later the longer nothing did. */
const pollMs = (jobs: Job[], unchanged: number): number =>
  Math.min(maxMs, (jobs.some(({ status }) => !isFinal(status)) ? busyMs : 3 * busyMs) * 1.5 ** unchanged)

const emptyText = (query: URLSearchParams): string =>
  [...query.keys()].some((key) => key === 'status' || key.startsWith('metadata')) ? 'No job is like that.' : 'No jobs yet.'
