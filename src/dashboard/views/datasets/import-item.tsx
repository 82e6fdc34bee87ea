/** A file that the service fetches: how much of it is there, then the dataset that it became, or why it was refused. */
import { useState } from 'preact/hooks'
import { get, send } from '../../api/client.ts'
import type { Dataset, Import } from '../../api/types.ts'
import { ErrorNotice, Notice } from '../../components/notice.tsx'
import { formatBytes } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { FileErrors } from './file-errors.tsx'
import { isOpen } from './imports.ts'
import { Forget, StoredDataset } from './stored-dataset.tsx'

type Props = { of: Import; onChange: () => void; onForget: () => void }

export const ImportItem = ({ of, onChange, onForget }: Props) => {
  if (isOpen(of)) return <Fetching of={of} onChange={onChange} />
  if (of.datasetId !== null) return <Fetched id={of.datasetId} onForget={onForget} />
  return (
    <Notice kind={of.error ? 'bad' : 'plain'}>
      <span>
        <b class="address">{of.url}</b> {of.error ? `was not stored: ${of.error.message}.` : 'was cancelled; nothing of it is stored.'}
      </span>
      <Forget name={of.url} onForget={onForget} />
      {of.error && of.error.errors.length > 0 && <FileErrors errors={of.error.errors} name={of.url} />}
    </Notice>
  )
}

const Fetching = ({ of: { id, url, status, bytesRead }, onChange }: Pick<Props, 'of' | 'onChange'>) => {
  const [error, setError] = useState<unknown>()
  const cancel = (): void => {
    send('POST', `/imports/${id}/cancel`).then(onChange, (thrown: unknown) => {
      setError(thrown)
      onChange()
    })
  }
  return (
    <div class="upload-item">
      <span class="upload-name">{url}</span>
      <span class="muted nowrap">{status === 'queued' ? 'waits' : `${formatBytes(bytesRead)} fetched`}</span>
      <button type="button" class="button small writes" aria-label={`Cancel the import of ${url}`} onClick={cancel}>
        Cancel
      </button>
      {/* Its host need not say how large it is. */}
      <progress class="meter" aria-label={`Import of ${url}`} />
      {error !== undefined && <ErrorNotice error={error} />}
    </div>
  )
}

const Fetched = ({ id, onForget }: { id: string; onForget: () => void }) => {
  const { data, error, reload } = useQuery((signal) => get<Dataset>(`/datasets/${id}`, { signal }), [id])
  if (data) return <StoredDataset dataset={data} onForget={onForget} />
  return error === undefined ? null : <ErrorNotice error={error} onRetry={reload} />
}
