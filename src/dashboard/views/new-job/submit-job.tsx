/** Submits the config. However often the button is pressed, one config becomes one job. */
import { useRef, useState } from 'preact/hooks'
import { send } from '../../api/client.ts'
import { ApiError } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import { navigate } from '../../router.ts'

type Props = { text: string; disabled: boolean; onError: (error: unknown) => void }

export const SubmitJob = ({ text, disabled, onError }: Props) => {
  const [busy, setBusy] = useState(false)
  const key = useRef({ text: '', value: '' })
  const submit = async (): Promise<void> => {
    if (key.current.text !== text) key.current = { text, value: newKey() }
    setBusy(true)
    try {
      const job = await send<Job>('POST', '/jobs', text, {
        headers: { 'content-type': 'application/json', 'idempotency-key': key.current.value },
      })
      if (job) navigate(`/jobs/${job.id}`)
    } catch (error) {
      // What was refused made nothing, and may be right when it is sent again.
      if (error instanceof ApiError && error.status < 500) key.current.text = ''
      onError(error)
      setBusy(false)
    }
  }
  return (
    <button type="button" class="button primary writes" disabled={disabled || busy} onClick={() => void submit()}>
      {busy ? 'Submitting …' : 'Train'}
    </button>
  )
}

/** Not randomUUID, which pages without TLS do not have. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-')
