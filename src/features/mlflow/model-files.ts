/** A model among the artifacts of its run: the file itself, and the description by which MLflow knows it. Pure. */

export type ModelFormat = 'onnx' | 'safetensors'

/** Where it lies in the run's artifacts. */
export const modelFolder = 'model'
export const modelFile: Record<ModelFormat, string> = { onnx: 'model.onnx', safetensors: 'model.safetensors' }

/** The contents of `MLmodel`: YAML, of which JSON is a part. ONNX is loaded by `mlflow.onnx` and `mlflow.pyfunc`; tensors alone are described only. */
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
