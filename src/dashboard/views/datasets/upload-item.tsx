/** One file on its way: how much of it is sent, then the dataset that it became, or everything that is wrong with it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, isAbort, messageOf } from '../../api/problem.ts'
import type { Dataset } from '../../api/types.ts'
import { Notice } from '../../components/notice.tsx'
import { formatBytes } from '../../format.ts'
import { FileErrors } from './file-errors.tsx'
import { Forget, StoredDataset } from './stored-dataset.tsx'
import { type UploadOptions, uploadFile } from './upload-file.ts'

type Props = {
  file: File
  options: UploadOptions
  /** Its turn has come. */
  start: boolean
  onEnd: (stored: boolean) => void
  onForget: () => void
}

type State =
  | { kind: 'waiting' }
  | { kind: 'sending'; sent: number }
  | { kind: 'stored'; dataset: Dataset }
  | { kind: 'failed'; error: unknown }

export const UploadItem = ({ file, options, start, onEnd, onForget }: Props) => {
  const [state, setState] = useState<State>({ kind: 'waiting' })
  const control = useRef(new AbortController())
  useEffect(() => () => control.current.abort(), [])
  useEffect(() => {
    if (!start || state.kind !== 'waiting') return
    setState({ kind: 'sending', sent: 0 })
    const onSent = (sent: number): void => setState({ kind: 'sending', sent: Math.min(sent, file.size) })
    uploadFile(file, { options, signal: control.current.signal, onSent }).then(
      (dataset) => {
        setState({ kind: 'stored', dataset })
        onEnd(true)
      },
      (error: unknown) => {
        setState({ kind: 'failed', error })
        onEnd(false)
        if (isAbort(error)) onForget()
      },
    )
  }, [start])
  const cancel = (): void => {
    if (state.kind === 'waiting') {
      onEnd(false)
      onForget()
    } else control.current.abort()
  }

  if (state.kind === 'stored') return <StoredDataset dataset={state.dataset} onForget={onForget} />
  if (state.kind === 'failed')
    return (
      <Notice kind="bad">
        <span>
          <b>{file.name}</b> was not stored: {messageOf(state.error)}.
        </span>
        <Forget name={file.name} onForget={onForget} />
        {state.error instanceof ApiError && state.error.errors.length > 0 && <FileErrors errors={state.error.errors} name={file.name} />}
      </Notice>
    )
  const sent = state.kind === 'sending' ? state.sent : 0
  return (
    <div class="upload-item">
      <span class="upload-name">{file.name}</span>
      <span class="muted nowrap">
        {state.kind === 'waiting'
          ? 'waits'
          : sent < file.size
            ? `${formatBytes(sent)} of ${formatBytes(file.size)}`
            : 'sent; the service reads the table …'}
      </span>
      <button type="button" class="button small" aria-label={`Cancel the upload of ${file.name}`} onClick={cancel}>
        Cancel
      </button>
      <progress class="meter" max={file.size || 1} value={sent} aria-label={`Upload of ${file.name}`} />
    </div>
  )
}
