/** Stores the model of a job among the artifacts of its run, as ONNX where that has words for it, as tensors else. */
import { Problem } from '../../contracts/error-codes.ts'
import type { MlflowClient, MlflowRun } from '../../platform/mlflow/mlflow-client.ts'
import type { WeightsFile } from '../weights/weights.service.ts'
import { describeModel, describeModelFile, type ModelFormat, modelFile, modelFolder } from './model-files.ts'

type Collaborators = {
  mlflow: Pick<MlflowClient, 'upload' | 'logModel'>
  /** The last weights of a job. @throws Problem FORMAT_UNSUPPORTED, NOT_FOUND */
  writeWeights: (tenant: string, jobId: string, options: { format: ModelFormat }) => Promise<WeightsFile>
}

/** A model that is larger is not stored there. */
const maxModelBytes = 2 ** 30

export const createModelWriter = ({ mlflow, writeWeights }: Collaborators) => {
  /** Gives its format, or why it is not there. @throws MlflowError */
  const store = async (
    { tenant, jobId }: { tenant: string; jobId: string },
    { info, data }: MlflowRun,
    signal: AbortSignal,
  ): Promise<string> => {
    const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.+)$/.exec(info.artifact_uri)?.[1]
    if (root === undefined) return 'not stored: the server passes no artifacts on'
    const found = await open(tenant, jobId)
    if (!found) return 'none'
    const { format, weights } = found
    if ((weights.length ?? 0) > maxModelBytes) return `not stored: it has more than ${maxModelBytes} bytes`
    const at = (file: string): string => `${root}/${modelFolder}/${file}`
    await mlflow.upload(at(modelFile[format]), weights.chunks, signal)
    const model = describeModel({ format, runId: info.run_id, epoch: weights.epoch, at: new Date() })
    await mlflow.upload(at('MLmodel'), textOf(JSON.stringify(describeModelFile(weights.inputs, model), null, 2)), signal)
    if (!data.tags?.some(({ key }) => key === 'mlflow.log-model.history')) await mlflow.logModel(info.run_id, model, signal)
    return format
  }

  const open = async (tenant: string, jobId: string): Promise<{ format: ModelFormat; weights: WeightsFile } | null> => {
    for (const format of ['onnx', 'safetensors'] as const) {
      try {
        return { format, weights: await writeWeights(tenant, jobId, { format }) }
      } catch (error) {
        if (!(error instanceof Problem) || (error.code !== 'FORMAT_UNSUPPORTED' && error.code !== 'NOT_FOUND')) throw error
        if (error.code === 'NOT_FOUND') return null
      }
    }
    return null
  }

  return { store }
}

export type ModelWriter = ReturnType<typeof createModelWriter>

async function* textOf(text: string): AsyncGenerator<string> {
  yield text
}
