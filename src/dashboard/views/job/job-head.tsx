/** Which job it is, how far it is, and what can be done with it. */
import { useState } from 'preact/hooks'
import { send } from '../../api/client.ts'
import type { Job } from '../../api/types.ts'
import { Confirm } from '../../components/dialog.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { formatAgo, formatDuration, formatNumber } from '../../format.ts'
import { navigate } from '../../router.ts'
import { actionsFor, isFinal, type JobAction } from './status.ts'

const labels: Record<JobAction | 'delete', string> = { cancel: 'Cancel', pause: 'Pause', resume: 'Resume', delete: 'Delete' }

export const JobHead = ({ job, onChange }: { job: Job; onChange: () => void }) => {
  const [error, setError] = useState<unknown>()
  const [asked, setAsked] = useState<'cancel' | 'delete' | undefined>()
  const act = async (action: JobAction | 'delete'): Promise<void> => {
    setAsked(undefined)
    try {
      if (action === 'delete') await send('DELETE', `/jobs/${job.id}`)
      else await send('POST', `/jobs/${job.id}/${action}`)
      setError(undefined)
      if (action === 'delete') navigate('/jobs')
      else onChange()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <>
      <div class="heading">
        <div class="job-name">
          <h1 class="mono">{job.id}</h1>
          <StatusBadge status={job.status} />
        </div>
        <div class="actions">
          {actionsFor(job).map((action) => (
            <button
              key={action}
              type="button"
              class={`button writes ${action === 'cancel' ? 'danger' : ''}`}
              onClick={() => (action === 'cancel' ? setAsked('cancel') : void act(action))}
            >
              {labels[action]}
            </button>
          ))}
          {isFinal(job.status) && (
            <button type="button" class="button danger writes" onClick={() => setAsked('delete')}>
              Delete
            </button>
          )}
          <a class="button" href={`/compare?job=${job.id}`}>
            Compare
          </a>
          <a class="button primary" href={`/new?job=${job.id}`}>
            Again with changes
          </a>
        </div>
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
      {asked && (
        <Confirm
          title={`${labels[asked]} this job?`}
          action={`${labels[asked]} it`}
          danger
          onConfirm={() => void act(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            {asked === 'cancel'
              ? 'Finished epochs are kept. A cancelled job does not go on again.'
              : 'Its epochs, weights and events go too. This cannot be undone.'}
          </p>
        </Confirm>
      )}
      <section class="card" aria-label="Progress">
        <progress class="meter job-meter" max={1} value={job.progress.fraction} aria-label="Progress" />
        <div class="card-body">
          <dl class="facts">
            {factsOf(job).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      </section>
    </>
  )
}

const waits: Record<NonNullable<Job['queue']['waitsFor']>, string> = {
  worker: 'a free worker',
  gpu: 'a GPU',
  turn: 'its turn',
  limit: 'another of your jobs to end',
}

const factsOf = (job: Job): [string, preact.ComponentChildren][] => {
  const { progress, result, engine } = job
  const facts: [string, preact.ComponentChildren | undefined][] = [
    ['Epoch', `${formatNumber(progress.epoch)} / ${formatNumber(progress.epochs)}`],
    ['Loss', formatNumber(result?.loss ?? progress.latestLoss)],
    ['Place in the queue', job.queue?.position ?? undefined],
    ['Waits for', job.queue?.waitsFor && waits[job.queue.waitsFor]],
    ['Time left', isFinal(job.status) || progress.etaSeconds === null ? undefined : formatDuration(progress.etaSeconds)],
    ['Trained', result ? formatDuration(result.seconds) : undefined],
    ['Stopped by', result?.stopReason],
    ['Best epoch', result?.restoredEpoch],
    ['Rows left out', result?.droppedRows],
    ['Engine', engine ? `${engine.name}, ${engine.backend} ${engine.version}` : undefined],
    ['Dataset', <a href={`/datasets/${job.dataset.id}`}>…{job.dataset.id.slice(-8)}</a>],
    [
      'Created',
      <time dateTime={job.createdAt} title={job.createdAt}>
        {formatAgo(job.createdAt)}
      </time>,
    ],
    ...Object.entries(job.metadata).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ]
  return facts.filter(([, value]) => value !== undefined)
}
