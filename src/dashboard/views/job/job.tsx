/** One job: what it does now, its curves as they grow, and what it left behind. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { isMissing } from '../../api/client.ts'
import { ErrorNotice, Notice } from '../../components/notice.tsx'
import type { ViewProps } from '../../view.ts'
import { ConfigCard } from './config-card.tsx'
import { Curves } from './curves.tsx'
import { DatasetPredictions } from './dataset-predictions.tsx'
import { Downloads } from './downloads.tsx'
import { EventsCard } from './events-card.tsx'
import { followJob, type RunState } from './follow-job.ts'
import { GradientNorms } from './gradient-norms.tsx'
import { Histograms } from './histograms.tsx'
import { JobHead } from './job-head.tsx'
import { Outcome } from './outcome.tsx'
import { ReplayCard } from './replay-card.tsx'
import { isFinal } from './status.ts'

export const title = ({ id = '' }: Record<string, string>): string => id

export const View = ({ params: { id = '' } }: ViewProps) => {
  const [{ run, error }, setState] = useState<RunState>({})
  const followed = useRef<ReturnType<typeof followJob> | undefined>(undefined)
  useEffect(() => {
    const job = followJob(id, setState)
    followed.current = job
    return job.stop
  }, [id])
  const reload = (): void => followed.current?.reload()

  if (isMissing(error)) return <Notice kind="warn">There is no job {id}: it may have been deleted, or belong to another key.</Notice>
  if (!run) return error === undefined ? <p class="muted">Loading …</p> : <ErrorNotice error={error} onRetry={reload} />
  const { job, epochs, events } = run
  return (
    <>
      <JobHead job={job} onChange={reload} />
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      {job.error && (
        <Notice kind="bad">
          <b>{job.error.code}</b> {job.error.message}
        </Notice>
      )}
      <Curves epochs={epochs} config={job.config}>
        <GradientNorms job={job} />
      </Curves>
      <Histograms job={job} />
      {isFinal(job.status) && job.progress.epoch > 0 && <Outcome job={job} />}
      {isFinal(job.status) && job.progress.epoch > 0 && <DatasetPredictions job={job} />}
      <div class="grid-2">
        <ConfigCard config={job.config} />
        <div class="stack">
          <Downloads job={job} />
          <EventsCard events={events} />
        </div>
      </div>
      <ReplayCard job={job} />
    </>
  )
}
