/** Cancels or deletes several jobs, one after the other, and tells what came of each. */
import { useState } from 'preact/hooks'
import { send } from '../../api/client.ts'
import { messageOf } from '../../api/problem.ts'
import type { Job } from '../../api/types.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Outcome } from '../../components/outcome.tsx'
import { isFinal } from '../job/status.ts'

type Action = 'cancel' | 'delete'
type Props = {
  /** Those of this page. */
  chosen: Job[]
  /** Ids of those of every page. */
  compared: string[]
  onDone: () => void
}

export const BulkActions = ({ chosen, compared, onDone }: Props) => {
  const [asked, setAsked] = useState<Action | undefined>()
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<{ text: string; failures: string[] } | undefined>()
  const fitting: Record<Action, Job[]> = {
    cancel: chosen.filter(({ status }) => !isFinal(status) && status !== 'cancelling'),
    delete: chosen.filter(({ status }) => isFinal(status)),
  }

  const run = async (action: Action): Promise<void> => {
    setAsked(undefined)
    setBusy(true)
    const failures: string[] = []
    for (const { id } of fitting[action]) {
      const request = action === 'cancel' ? send('POST', `/jobs/${id}/cancel`) : send('DELETE', `/jobs/${id}`)
      await request.catch((error: unknown) => failures.push(`${id}: ${messageOf(error)}`))
    }
    const done = fitting[action].length - failures.length
    setOutcome({ text: `${done} ${done === 1 ? 'job' : 'jobs'} ${words[action].done}.`, failures })
    setBusy(false)
    onDone()
  }

  return (
    <>
      <div class="actions" role="toolbar" aria-label="Chosen jobs">
        {(['cancel', 'delete'] as const).map((action) => (
          <button
            key={action}
            type="button"
            class={`button small writes ${action === 'delete' ? 'danger' : ''}`}
            disabled={busy || fitting[action].length === 0}
            onClick={() => setAsked(action)}
          >
            {words[action].verb} {fitting[action].length > 0 && fitting[action].length}
          </button>
        ))}
        {compared.length > 1 && (
          <a class="button small" href={`/compare?${new URLSearchParams(compared.map((id) => ['job', id]))}`}>
            Compare {compared.length}
          </a>
        )}
      </div>
      {asked && (
        <Confirm
          title={`${words[asked].verb} ${fitting[asked].length} ${fitting[asked].length === 1 ? 'job' : 'jobs'}?`}
          action={`${words[asked].verb} ${fitting[asked].length === 1 ? 'it' : 'them'}`}
          danger
          onConfirm={() => void run(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{words[asked].consequence}</p>
        </Confirm>
      )}
      {outcome && <Outcome text={outcome.text} failures={outcome.failures} />}
    </>
  )
}

const words: Record<Action, { verb: string; done: string; consequence: string }> = {
  cancel: { verb: 'Cancel', done: 'cancelled', consequence: 'Finished epochs are kept. A cancelled job does not go on again.' },
  delete: { verb: 'Delete', done: 'deleted', consequence: 'Their epochs, weights and events go too. This cannot be undone.' },
}
