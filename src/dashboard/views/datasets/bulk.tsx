/** Deletes several datasets, one after the other, and tells what came of each. */
import { useState } from 'preact/hooks'
import { isMissing, send } from '../../api/client.ts'
import { messageOf } from '../../api/problem.ts'
import type { Dataset } from '../../api/types.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Outcome } from '../../components/outcome.tsx'

export const DeleteDatasets = ({ chosen, onDone }: { chosen: Dataset[]; onDone: () => void }) => {
  const [asked, setAsked] = useState(false)
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<{ done: number; failures: string[] } | undefined>()

  const run = async (): Promise<void> => {
    setAsked(false)
    setBusy(true)
    const failures: string[] = []
    for (const { id } of chosen)
      await send('DELETE', `/datasets/${id}`).catch((error: unknown) => {
        if (!isMissing(error)) failures.push(`${id}: ${messageOf(error)}`)
      })
    setOutcome({ done: chosen.length - failures.length, failures })
    setBusy(false)
    onDone()
  }

  return (
    <>
      <div class="actions" role="toolbar" aria-label="Chosen datasets">
        <button type="button" class="button small danger writes" disabled={busy || chosen.length === 0} onClick={() => setAsked(true)}>
          Delete {chosen.length > 0 && chosen.length}
        </button>
      </div>
      {asked && (
        <Confirm
          title={`Delete ${countOf(chosen.length)}?`}
          action="Delete"
          danger
          onConfirm={() => void run()}
          onClose={() => setAsked(false)}
        >
          <p>The rows go for good; jobs that have ended keep their results. A dataset that an unfinished job needs stays.</p>
        </Confirm>
      )}
      {outcome && <Outcome text={`${countOf(outcome.done)} deleted.`} failures={outcome.failures} />}
    </>
  )
}

const countOf = (count: number): string => `${count} ${count === 1 ? 'dataset' : 'datasets'}`
