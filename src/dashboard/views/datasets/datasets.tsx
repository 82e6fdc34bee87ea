/** The datasets of the service, and a place to bring new ones. */
import { useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Dataset, Page } from '../../api/types.ts'
import { ErrorNotice } from '../../components/notice.tsx'
import { Pager, useCursor } from '../../components/pager.tsx'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'
import { DeleteDatasets } from './bulk.tsx'
import { DatasetTable } from './dataset-table.tsx'
import { boundsOf, Filters } from './filters.tsx'
import { UploadCard } from './upload-card.tsx'

export const title = (): string => 'Datasets'

export const View = () => {
  const after = useCursor()
  const [search] = useSearch()
  const bounds = boundsOf(search)
  const query = new URLSearchParams({ limit: '20', ...bounds, ...(after && { after }) })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { data, error, reload } = useQuery((signal) => get<Page<Dataset>>(`/datasets?${query}`, { signal }), [String(query)])
  const datasets = data?.data ?? []
  const emptyText = Object.keys(bounds).length > 0 ? 'No dataset was made then.' : 'No datasets yet.'

  return (
    <>
      <div class="heading">
        <h1>Datasets</h1>
      </div>
      <div class="writes">
        <UploadCard onUploaded={reload} />
      </div>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <Filters />
      <DeleteDatasets chosen={datasets.filter(({ id }) => chosen.has(id))} onDone={reload} />
      <section class="card" aria-label="Datasets" aria-busy={data === undefined}>
        <DatasetTable datasets={datasets} chosen={chosen} onChoose={setChosen} empty={data ? emptyText : 'Loading …'} />
        <Pager nextCursor={data?.nextCursor ?? null} />
      </section>
    </>
  )
}
