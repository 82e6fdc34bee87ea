/** One dataset: what its columns are, its rows, and how they go together. */
import { useState } from 'preact/hooks'
import { get, isMissing, send } from '../../api/client.ts'
import type { Dataset } from '../../api/types.ts'
import { Confirm } from '../../components/dialog.tsx'
import { ErrorNotice, Notice } from '../../components/notice.tsx'
import { useQuery } from '../../hooks/use-query.ts'
import { navigate } from '../../router.ts'
import type { ViewProps } from '../../view.ts'
import { ColumnsCard } from './columns-card.tsx'
import { CorrelationsCard } from './correlations-card.tsx'
import { FactsCard } from './facts-card.tsx'
import { RowsCard } from './rows-card.tsx'
import { ScatterCard } from './scatter-card.tsx'

export const title = ({ id = '' }: Record<string, string>): string => id

export const View = ({ params: { id = '' } }: ViewProps) => {
  const { data: dataset, error, reload } = useQuery((signal) => get<Dataset>(`/datasets/${encodeURIComponent(id)}`, { signal }), [id])
  if (isMissing(error))
    return (
      <>
        <h1>Dataset</h1>
        <Notice kind="warn">There is no dataset {id}.</Notice>
      </>
    )
  return (
    <>
      <div class="heading">
        <div class="dataset-title">
          <h1>{dataset?.name ?? 'Dataset'}</h1>
          <span class="mono muted">{id}</span>
        </div>
        <div class="actions">
          <a class="button primary" href={`/new?dataset=${encodeURIComponent(id)}`}>
            Train on this
          </a>
          <DeleteButton id={id} />
        </div>
      </div>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      {dataset ? <Parts dataset={dataset} /> : error === undefined && <p class="muted">Loading …</p>}
    </>
  )
}

const Parts = ({ dataset }: { dataset: Dataset }) => (
  <>
    <FactsCard dataset={dataset} />
    <ColumnsCard dataset={dataset} />
    <div class="grid-2">
      <ScatterCard dataset={dataset} />
      <CorrelationsCard dataset={dataset} />
    </div>
    <RowsCard dataset={dataset} />
  </>
)

const DeleteButton = ({ id }: { id: string }) => {
  const [asked, setAsked] = useState(false)
  const [error, setError] = useState<unknown>()
  const remove = async (): Promise<void> => {
    setAsked(false)
    try {
      await send('DELETE', `/datasets/${encodeURIComponent(id)}`)
      navigate('/datasets')
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <>
      <button type="button" class="button danger writes" onClick={() => setAsked(true)}>
        Delete
      </button>
      {error !== undefined && <ErrorNotice error={error} />}
      {asked && (
        <Confirm title="Delete this dataset?" action="Delete" danger onConfirm={() => void remove()} onClose={() => setAsked(false)}>
          <p>The rows go for good; jobs that have ended keep their results.</p>
        </Confirm>
      )}
    </>
  )
}
