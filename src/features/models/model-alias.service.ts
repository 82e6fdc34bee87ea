/** Models: stable names for what jobs learned, which are switched from one to another without a gap. */

import type { DatasetPredictionResource } from '../../api/dataset-prediction.schema.ts'
import { type ModelResource, type ModelTarget, maxModels } from '../../api/model.schema.ts'
import type { PredictBody, PredictDatasetBody, Predictions } from '../../api/prediction.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { PredictionService } from '../inference/prediction.service.ts'
import type { OnStored } from '../on-stored.ts'
import type { DatasetPredictionService } from '../predictions/dataset-prediction.service.ts'
import type { Expected, ModelAlias, ModelAliasRepository } from './model-alias.repository.ts'

/** A model as it is shown, and the tag of this version of it. */
export type TaggedModel = { model: ModelResource; tag: string }

type Collaborators = {
  aliases: ModelAliasRepository
  predictions: Pick<PredictionService, 'predict'>
  datasetPredictions: Pick<DatasetPredictionService, 'create'>
}

export const createModelAliasService = ({ aliases, predictions, datasetPredictions }: Collaborators) => {
  const list = async (tenant: string): Promise<{ data: ModelResource[] }> => ({
    data: (await aliases.list(tenant, maxModels)).map(toResource),
  })

  /** @throws Problem NOT_FOUND */
  const get = async (tenant: string, name: string): Promise<TaggedModel> => toTagged(await find(tenant, name))

  /**
   * Gives a name to the weights of a job, or switches it to them.
   * @throws Problem VALIDATION_FAILED if there is no such job or epoch, CONFLICT if those weights are not there to stay,
   * PRECONDITION_FAILED if the model is not what is expected
   */
  const put = async (tenant: string, name: string, target: ModelTarget, expected: Expected): Promise<TaggedModel & { isNew: boolean }> => {
    await requireTarget(tenant, target)
    if (expected === undefined || expected === 'none') await requireRoom(tenant, name)
    const stored = await aliases.put(tenant, name, target, expected)
    if (stored) return { ...toTagged(stored), isNew: stored.isNew }
    // It may have been deleted in between.
    await requireTarget(tenant, target)
    throw unexpected(name)
  }

  /** @throws Problem NOT_FOUND, PRECONDITION_FAILED if it is not what is expected */
  const remove = async (tenant: string, name: string, expected: Expected): Promise<void> => {
    if (await aliases.remove(tenant, name, expected)) return
    await find(tenant, name)
    throw unexpected(name)
  }

  /** What a model gives for rows; who asks while it is switched is answered by the old one or the new one. */
  const predict = async (tenant: string, name: string, body: PredictBody, signal?: AbortSignal): Promise<Predictions> => {
    const alias = await find(tenant, name)
    const { jobId } = alias
    try {
      return { ...(await predictions.predict(tenant, alias, body, signal)), jobId }
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'NOT_FOUND') throw error
      const now = await find(tenant, name)
      if (now.jobId === jobId) throw error
      return { ...(await predictions.predict(tenant, now, body, signal)), jobId: now.jobId }
    }
  }

  /** What the model stands for now predicts for a whole dataset, whatever it is switched to later. */
  const predictDataset = async (
    tenant: string,
    name: string,
    body: PredictDatasetBody,
    onStored?: OnStored,
  ): Promise<DatasetPredictionResource> => datasetPredictions.create(tenant, await find(tenant, name), body, onStored)

  const find = async (tenant: string, name: string): Promise<ModelAlias> => {
    const alias = await aliases.find(tenant, name)
    if (!alias) throw new Problem('NOT_FOUND', `There is no model "${name}"`)
    return alias
  }

  const requireTarget = async (tenant: string, { jobId, epoch }: ModelTarget): Promise<void> => {
    const state = await aliases.findTarget(tenant, jobId, epoch)
    if (!state) throw invalid('/jobId', 'there is no such job', jobId)
    if (state.epoch === 0) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    if (epoch === undefined) return
    const stays = (state.isKept && (state.isFinal || state.staysForGood)) || (state.isSaved && state.isFinal)
    if (stays) return
    if (state.isKept || state.isSaved)
      throw new Problem('CONFLICT', `Job ${jobId} goes on and replaces its weights of epoch ${epoch}: wait for its end, or leave epoch out`)
    throw invalid('/epoch', `no weights are kept of epoch ${epoch}`, epoch)
  }

  const requireRoom = async (tenant: string, name: string): Promise<void> => {
    if ((await aliases.count(tenant)) < maxModels || (await aliases.find(tenant, name))) return
    throw new Problem('CONFLICT', `There are ${maxModels} models already, as many as there may be: delete one first`)
  }

  return { list, get, put, remove, predict, predictDataset }
}

export type ModelAliasService = ReturnType<typeof createModelAliasService>

const toTagged = (alias: ModelAlias): TaggedModel => ({ model: toResource(alias), tag: `"${alias.tag}"` })

const toResource = ({ name, jobId, epoch, createdAt, updatedAt }: ModelAlias): ModelResource => ({
  name,
  jobId,
  epoch,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

const invalid = (path: string, message: string, value: string | number): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [{ path, code: 'not_found', message, value }])

const unexpected = (name: string): Problem =>
  new Problem('PRECONDITION_FAILED', `The model "${name}" is not the one that was expected: read it again`)
