/** From a request to a trainer that can be opened, or everything that is wrong with it. */
import { type CreateTrainer, maxGivenValues } from '../../api/trainer.schema.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import { optimizerSlots } from '../../catalog/optimizers/all-optimizers.ts'
import type { NamedTensor } from '../../contracts/engine.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { SavedTrainer } from '../../contracts/trainer.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import type { JobPreparation, PreparedJob } from '../jobs/job-preparation.ts'
import { planStored } from '../jobs/plan/make-plan.ts'
import { givenDataset, usualLabelShape } from './given-dataset.ts'
import { preparedOtherwise } from './prepared-otherwise.ts'
import { sizeErrors } from './size-errors.ts'
import { jobLike, type NewTrainer } from './trainer.ts'
import type { TrainerCheckpoints } from './trainer-checkpoint.repository.ts'
import { inTrainersWords } from './trainer-words.ts'

export type TrainerPreparationCollaborators = {
  preparation: Pick<JobPreparation, 'prepare' | 'prepareOn'>
  checkpoints: TrainerCheckpoints
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
}

/** What is to be stored; `newDataset` with it, if the request brought its spec. */
export type PreparedTrainer = { trainer: Omit<NewTrainer, 'id' | 'tenant'>; newDataset: NewDataset | null }

export const createTrainerPreparation = ({ preparation, checkpoints, jobs, datasets }: TrainerPreparationCollaborators) => {
  /** @throws Problem VALIDATION_FAILED with every validation error */
  const prepare = async (tenant: string, request: CreateTrainer): Promise<PreparedTrainer> => {
    throwIfInvalid(dataErrors(request))
    const { config, plan, datasetId, newDataset, rowCounts, checkpoint } = await likeJob(tenant, request)
    throwIfInvalid([...sizeErrors(plan), ...(await fromErrors(tenant, request, { datasetId, newDataset }))])
    const { inputShape, labelShape } = plan.data
    const trainer = {
      config: { ...config, training: { ...config.training, dropLast: request.dropLast } },
      asked: request.engine ?? null,
      datasetId: request.dataset ? datasetId : null,
      given: request.dataset ? null : { inputShape, labelShape },
      rowCounts,
      parameters: plan.parameters.map(({ name, shape }) => ({ name, shape })),
      idleSeconds: request.idleSeconds,
      metadata: request.metadata,
      start: checkpoint ? await startOf(tenant, plan, checkpoint.tensors) : null,
    }
    return { trainer, newDataset }
  }

  /** The job that the trainer is like; what is wrong with it is named as the request has it. */
  const likeJob = async (tenant: string, request: CreateTrainer): Promise<PreparedJob> => {
    const job = jobLike(request)
    try {
      if (!request.inputShape) return await preparation.prepare(tenant, job)
      const { inputShape, labelShape = usualLabelShape(request, inputShape) } = request
      return await preparation.prepareOn(tenant, job, givenDataset({ inputShape, labelShape }))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      throw new Problem(
        error.code,
        error.message,
        error.errors.map((one) => asAsked(one, request)),
      )
    }
  }

  /** What of a job's model does not fit the trainer's rows; they are the same if what they hold is. */
  const fromErrors = async (
    tenant: string,
    { from, dataset }: CreateTrainer,
    { datasetId, newDataset }: Pick<PreparedJob, 'datasetId' | 'newDataset'>,
  ): Promise<ValidationError[]> => {
    const job = dataset && from && 'jobId' in from ? await jobs.find(tenant, from.jobId) : null
    if (!job) return []
    const trained = await datasets.describe(tenant, job.datasetId)
    const own = newDataset ?? (await datasets.describe(tenant, datasetId))
    return trained && trained.contentHash === own?.contentHash ? preparedOtherwise(planStored(job.config, trained)) : []
  }

  /** Parameters and running statistics that were found to fit; of a trainer with the same optimizer also the state of that. */
  const startOf = async (tenant: string, { config, parameters }: Plan, tensors: NamedTensor[]): Promise<SavedTrainer> => {
    const { warmStart, optimizer } = config
    const found = warmStart && 'trainerId' in warmStart ? await checkpoints.read(tenant, warmStart.trainerId, warmStart.checkpoint) : null
    if (found?.optimizer !== optimizer.type) return { steps: 0, tensors }
    const names = new Set(parameters.map(({ name }) => name))
    const slots = Object.keys(optimizerSlots(optimizer))
    const kept = found.tensors.filter(({ name }) => slots.includes(name.split('/')[1] ?? '') && names.has(name.split('/')[0] ?? ''))
    // Momentum that begins with this trainer begins with its first step.
    return kept.length === slots.length * parameters.length ? { steps: found.steps, tensors: [...tensors, ...kept] } : { steps: 0, tensors }
  }

  return { prepare }
}
export type TrainerPreparation = ReturnType<typeof createTrainerPreparation>

/** Where its examples come from: of a dataset, or of the client. */
const dataErrors = ({ dataset, inputShape, labelShape, loss, engine }: CreateTrainer): ValidationError[] => {
  const error = (path: string, code: string, message: string): ValidationError[] => [{ path, code, message }]
  if (dataset && inputShape) return error('/inputShape', 'conflict', 'is of examples that are sent: leave out the dataset, or this')
  if (dataset) return labelShape ? error('/labelShape', 'conflict', 'goes with `inputShape`, not with a dataset') : []
  if (!inputShape) return error('/dataset', 'required', 'must be given, or `inputShape` if all examples are sent')
  const tooLarge = `has more than ${maxGivenValues} values`
  return [
    ...(sizeOf(inputShape) > maxGivenValues ? error('/inputShape', 'too_large', tooLarge) : []),
    ...(sizeOf(labelShape ?? []) > maxGivenValues ? error('/labelShape', 'too_large', tooLarge) : []),
    ...(engine === 'graph' ? error('/engine', 'conflict', 'graph compiles steps over a dataset, which this trainer has not') : []),
    ...(lossCatalog[loss.type].inputs > 1
      ? error('/loss/type', 'conflict', 'compares two inputs, and what is sent is one: such a trainer needs a dataset')
      : []),
    ...('classWeights' in loss && loss.classWeights !== undefined
      ? error('/loss/classWeights', 'conflict', 'counts the labels of a dataset, which this trainer has not')
      : []),
  ]
}

/** The same error of the trainer's request. */
const asAsked = (error: ValidationError, { inputShape }: CreateTrainer): ValidationError => {
  const told = inTrainersWords(error)
  const path = told.path.replace(/^\/warmStart/, '/from')
  if (!inputShape || !path.startsWith('/dataset')) return { ...told, path }
  const { column: _, ...rest } = told
  return { ...rest, path: path === '/dataset/labels' ? '/labelShape' : path === '/dataset/features' ? '/loss/type' : '/inputShape' }
}
