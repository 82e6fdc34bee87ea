/** A trained model as a TensorFlow.js LayersModel: Keras's description of its layers, and their weights in one file. */
import type { LayersModel } from '../../../api/layers-model.schema.ts'
import { Problem, type ValidationError } from '../../../contracts/error-codes.ts'
import type { Plan } from '../../../contracts/plan.ts'
import type { LearnedStatistics } from '../../../contracts/training-state.ts'
import type { WeightTensor } from '../weight-tensor.ts'
import { Inexpressible, type KerasLayer } from './keras-layer.ts'
import { kerasLayersOf } from './layers.ts'
import { labelLayer, preprocessingLayer } from './preprocessing.ts'

type Part<Made> = { made: Made; invalid?: undefined } | { made?: undefined; invalid: ValidationError }

/** The tensors of the weights file in order, and the description that refers to them. @throws Problem FORMAT_UNSUPPORTED naming every layer at fault */
export const toLayersModel = (
  plan: Plan,
  weights: readonly WeightTensor[],
  { jobId, epoch, learned }: { jobId: string; epoch: number; learned: LearnedStatistics | undefined },
): { model: LayersModel; tensors: WeightTensor[] } => {
  const prepared = attempt('/preprocessing', 'preprocessing', () => preprocessingLayer(plan, learned))
  const parts = plan.layers.map((layer) =>
    attempt(`/model/layers/${layer.index}`, `layer ${layer.index} (${layer.config.type})`, () => kerasLayersOf(layer)),
  )
  const restored = attempt('/preprocessing/standardizeLabels', 'standardizeLabels', () => labelLayer(plan, learned))
  const errors = [prepared, restored, ...parts].flatMap(({ invalid }) => (invalid ? [invalid] : []))
  if (errors.length > 0) throw new Problem('FORMAT_UNSUPPORTED', errors.map(({ message }) => message).join('; '), errors)

  const layers = [...(prepared.made?.layers ?? []), ...parts.flatMap(({ made = [] }) => made), ...(restored.made?.layers ?? [])]
  const sources = new Map(
    [...weights, ...(prepared.made?.weights ?? []), ...(restored.made?.weights ?? [])].map((weight) => [weight.name, weight]),
  )
  const tensors = layers.flatMap((layer) => layer.weights.map((weight) => tensorOf(layer, weight, sources.get(weight.from))))
  const { inputShape } = plan.data
  return { model: describe(layers, tensors, { inputShape, jobId, epoch }), tensors }
}

const tensorOf = ({ name: layer }: KerasLayer, { name, from, shape }: KerasLayer['weights'][number], source: WeightTensor | undefined) => {
  if (!source) throw new Error(`there is no weight ${from}`)
  return { ...source, name: `${layer}/${name}`, shape }
}

const describe = (
  layers: readonly KerasLayer[],
  tensors: readonly WeightTensor[],
  { inputShape, jobId, epoch }: { inputShape: readonly number[]; jobId: string; epoch: number },
): LayersModel => ({
  format: 'layers-model',
  generatedBy: 'Trainyard',
  convertedBy: null,
  modelTopology: {
    class_name: 'Sequential',
    config: {
      name: 'model',
      layers: [
        { class_name: 'InputLayer', config: { batch_input_shape: [null, ...inputShape], dtype: 'float32', sparse: false, name: 'input' } },
        ...layers.map(({ className, name, config }) => ({
          class_name: className,
          config: { name, trainable: true, dtype: 'float32', ...config },
        })),
      ],
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  },
  weightsManifest: [
    {
      paths: [`weights/${epoch}.bin`],
      weights: tensors.map(({ name, shape }) => ({ name, shape, dtype: 'float32' as const })),
    },
  ],
  userDefinedMetadata: { jobId, epoch },
})

/** What `make` makes, or why a LayersModel has no words for it. */
const attempt = <Made>(path: string, what: string, make: () => Made): Part<Made> => {
  try {
    return { made: make() }
  } catch (error) {
    if (!(error instanceof Inexpressible)) throw error
    return { invalid: { path, code: 'unsupported', message: `${what}: a LayersModel cannot express ${error.message}` } }
  }
}
