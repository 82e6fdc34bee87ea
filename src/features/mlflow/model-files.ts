/** A model among the artifacts of its run: the file itself, and the description by which MLflow knows it. Pure. */

export type ModelFormat = 'onnx' | 'safetensors'

/** What a model takes, each in the shape of one example. */
type Inputs = readonly { name: string; shape: readonly number[] }[]

/** Where it lies in the run's artifacts. */
export const modelFolder = 'model'
export const modelFile: Record<ModelFormat, string> = { onnx: 'model.onnx', safetensors: 'model.safetensors' }

/** The contents of `MLmodel`: the description, and what the model takes, by which MLflow reads the whole numbers of JSON as well. */
export const describeModelFile = (inputs: Inputs | undefined, description: object): object => ({
  ...description,
  ...(inputs ? { signature: { inputs: JSON.stringify(signatureOf(inputs)), outputs: null, params: null } } : {}),
})

/** YAML, of which JSON is a part. ONNX is loaded by `mlflow.onnx` and `mlflow.pyfunc`; tensors alone are described only. */
export const describeModel = ({ format, runId, epoch, at }: { format: ModelFormat; runId: string; epoch: number; at: Date }): object => ({
  artifact_path: modelFolder,
  run_id: runId,
  utc_time_created: at.toISOString().replace('T', ' ').replace('Z', '000'),
  model_uuid: runId,
  metadata: { epoch },
  flavors:
    format === 'onnx'
      ? {
          onnx: { code: null, data: modelFile.onnx, onnx_version: '1.16.0', providers: ['CPUExecutionProvider'] },
          python_function: { code: null, data: modelFile.onnx, env: {}, loader_module: 'mlflow.onnx' },
        }
      : { safetensors: { data: modelFile.safetensors } },
})

/** In the type that NumPy, pandas and JSON have numbers in: MLflow narrows it. A lone input has no name, so that it may be a data frame. */
const signatureOf = (inputs: Inputs): object[] =>
  inputs.map(({ name, shape }) => ({
    ...(inputs.length > 1 ? { name } : {}),
    type: 'tensor',
    'tensor-spec': { dtype: 'float64', shape: [-1, ...shape] },
  }))
