/** Brings the run of a job up to date: makes it, writes its epochs, and ends it with its model. What is there already is not written again. */
import { isTerminal, type terminalStatuses } from '../../contracts/lifecycle.ts'
import type { MlflowClient, MlflowRun } from '../../platform/mlflow/mlflow-client.ts'
import type { JobSnapshot } from '../jobs/sql/find-snapshots.ts'
import type { MlflowRepository, RunRow } from './mlflow.repository.ts'
import type { ModelWriter } from './model-writer.ts'
import { jobTag, metricsOf, parametersOf, partsOf, tagsOf, tagText } from './run-fields.ts'

/** What there is to keep of a run that goes on; null: there is nothing more to tell. */
export type Written = { runId: string; epoch: number; seconds: number; again: number | null } | null

type Collaborators = {
  mlflow: MlflowClient
  stored: Pick<MlflowRepository, 'epochsAfter' | 'secondsUntil'>
  readJobs: (ids: readonly string[]) => Promise<Map<string, JobSnapshot>>
  models: ModelWriter
}

/** MLflow takes so many parameters and metrics in one call. */
const parametersAtOnce = 100
const metricsAtOnce = 1000
/** Epochs that are read at a time, and times that one turn of a job does that. */
const epochsAtOnce = 100
const readsPerTurn = 10

const endings: Record<(typeof terminalStatuses)[number], 'FINISHED' | 'FAILED' | 'KILLED'> = {
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
}

export const createRunWriter = ({ mlflow, stored, readJobs, models }: Collaborators) => {
  let experiment: string | undefined

  /** @throws MlflowError */
  const write = async (row: RunRow, signal: AbortSignal): Promise<Written> => {
    const job = (await readJobs([row.jobId])).get(row.jobId)
    if (!job) return kill(row, signal)
    if (!job.startedAt && !isTerminal(job.status)) return null
    const run = row.runId ? await mlflow.getRun(row.runId, signal) : await openRun(row, job, signal)
    if (!run) return null
    const told = await writeEpochs(row, job, run, signal)
    if (told.hasMore || !isTerminal(job.status)) return { ...told, runId: run.info.run_id, again: told.hasMore ? 0 : null }
    await end(row, job, run, signal)
    return null
  }

  /** Ends the run of a job that was deleted before its end. */
  const kill = async ({ runId }: RunRow, signal: AbortSignal): Promise<null> => {
    if (runId && (await mlflow.getRun(runId, signal))) await mlflow.endRun(runId, 'KILLED', new Date(), signal)
    return null
  }

  /** Finds the run of a job, or makes it, and sees to it that it has its parameters. */
  const openRun = async ({ jobId, tenant }: RunRow, job: JobSnapshot, signal: AbortSignal): Promise<MlflowRun> => {
    experiment ??= await mlflow.experimentId(signal)
    const run = (await mlflow.findRun(experiment, jobTag(jobId), signal)) ?? (await createRun(experiment, { jobId, tenant }, job, signal))
    for (const params of partsOf(parametersOf(job.config ?? {}), parametersAtOnce))
      await mlflow.logBatch(run.info.run_id, { params }, signal)
    return run
  }

  const createRun = (
    experimentId: string,
    { jobId, tenant }: Pick<RunRow, 'jobId' | 'tenant'>,
    { metadata, startedAt, createdAt }: JobSnapshot,
    signal: AbortSignal,
  ): Promise<MlflowRun> => {
    const name = String(metadata.name ?? jobId).slice(0, 250)
    const tags = tagsOf({ jobId, tenant, metadata })
    return mlflow.createRun(experimentId, { name, startedAt: new Date(startedAt ?? createdAt), tags }, signal)
  }

  /** Writes the epochs that the run lacks, by what it says that it has. */
  const writeEpochs = async (row: RunRow, job: JobSnapshot, { info, data }: MlflowRun, signal: AbortSignal) => {
    const begun = Date.parse(job.startedAt ?? job.createdAt)
    let epoch = Number(data.metrics?.find(({ key }) => key === 'loss')?.step ?? 0)
    let seconds = epoch === row.epoch ? row.seconds : await stored.secondsUntil(row.jobId, epoch)
    for (let read = 0; read < readsPerTurn; read += 1) {
      const epochs = await stored.epochsAfter(row.jobId, epoch, epochsAtOnce)
      const measured = epochs.map((one) => {
        seconds += Number(one.seconds)
        return metricsOf(one, begun + 1000 * seconds)
      })
      // Whole epochs, so that the last one that is there is there with all that it measured.
      const each = Math.max(1, ...measured.map((metrics) => metrics.length))
      for (const part of partsOf(measured, Math.floor(metricsAtOnce / each)))
        await mlflow.logBatch(info.run_id, { metrics: part.flat() }, signal)
      epoch = Number(epochs.at(-1)?.epoch ?? epoch)
      if (epochs.length < epochsAtOnce) return { epoch, seconds, hasMore: false }
    }
    return { epoch, seconds, hasMore: true }
  }

  const end = async ({ jobId, tenant }: RunRow, job: JobSnapshot, run: MlflowRun, signal: AbortSignal): Promise<void> => {
    const { status, error, finishedAt } = job
    const model = await models.store({ tenant, jobId }, run, signal)
    const tags = [
      { key: 'trainyard.status', value: status },
      { key: 'trainyard.model', value: model },
      ...(error ? [{ key: 'trainyard.error', value: tagText(`${error.code}: ${error.message}`) }] : []),
    ]
    await mlflow.logBatch(run.info.run_id, { tags }, signal)
    if (isTerminal(status)) await mlflow.endRun(run.info.run_id, endings[status], new Date(finishedAt ?? Date.now()), signal)
  }

  return write
}

export type RunWriter = ReturnType<typeof createRunWriter>
