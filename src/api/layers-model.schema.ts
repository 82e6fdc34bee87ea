/** A TensorFlow.js LayersModel as `tf.loadLayersModel` reads it: model.json, whose weights lie in a file beside it. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'

const numbers = { type: 'array', items: { anyOf: [{ type: 'number' }, { type: 'null' }, { type: 'array', items: { type: 'number' } }] } }

const kerasConfig = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: "Keras's options of the layer.",
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, numbers] },
})

const layer = Type.Object(
  { class_name: Type.String({ description: "Keras's name of the kind of layer." }), config: kerasConfig },
  { $id: 'LayersModelLayer', description: 'A layer, as Keras has it.' },
)
const config = Type.Object(
  {
    name: Type.String(),
    layers: Type.Array(ref(layer), { description: "Keras's layers; those of the layer of index 2 are named `layers.2`, `layers.2.…`." }),
  },
  { $id: 'LayersModelConfig', description: 'The layers of a LayersModel.' },
)
const topology = Type.Object(
  { class_name: Type.Literal('Sequential'), config: ref(config), keras_version: Type.String(), backend: Type.String() },
  { $id: 'LayersModelTopology', description: 'The model without its weights.' },
)
const tensor = Type.Object(
  { name: Type.String(), shape: Type.Array(Type.Integer()), dtype: Type.Literal('float32') },
  { $id: 'LayersModelTensor', description: 'A tensor whose values lie in a file.' },
)
const weightsFile = Type.Object(
  {
    paths: Type.Array(Type.String(), { description: 'Addresses of the values, relative to that of this document.' }),
    weights: Type.Array(ref(tensor), { description: 'The tensors in the order of their values.' }),
  },
  { $id: 'LayersModelWeights', description: 'Tensors, and the files that hold their values.' },
)
const metadata = Type.Object(
  { jobId: Type.String({ description: '`job_…`' }), epoch: Type.Integer({ description: 'Finished epochs behind the weights.' }) },
  { $id: 'LayersModelMetadata', description: 'The job and the epoch that the weights are of.' },
)

export const LayersModelSchema = Type.Object(
  {
    format: Type.Literal('layers-model'),
    generatedBy: Type.String(),
    convertedBy: Type.Null(),
    modelTopology: ref(topology),
    weightsManifest: Type.Array(ref(weightsFile)),
    userDefinedMetadata: ref(metadata),
  },
  {
    $id: 'LayersModel',
    description: 'A TensorFlow.js LayersModel; `tf.loadLayersModel` fetches the values by itself.',
    examples: [
      {
        format: 'layers-model',
        generatedBy: 'Trainyard',
        convertedBy: null,
        modelTopology: {
          class_name: 'Sequential',
          config: {
            name: 'model',
            layers: [
              layerExample('InputLayer', { batch_input_shape: [null, 2], dtype: 'float32', sparse: false, name: 'input' }),
              layerExample('Dense', { name: 'layers.0', units: 1, use_bias: true, activation: 'linear' }),
            ],
          },
          keras_version: 'tfjs-layers 4.22.0',
          backend: 'tensor_flow.js',
        },
        weightsManifest: [
          {
            paths: ['weights/3.bin'],
            weights: [
              { name: 'layers.0/kernel', shape: [2, 1], dtype: 'float32' },
              { name: 'layers.0/bias', shape: [1], dtype: 'float32' },
            ],
          },
        ],
        userDefinedMetadata: { jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6', epoch: 3 },
      },
    ],
  },
)
export type LayersModel = Static<typeof LayersModelSchema>

/** It and what it is made of. */
export const layersModelSchemas = [layer, config, topology, tensor, weightsFile, metadata, LayersModelSchema]

function layerExample(className: string, config: object) {
  return { class_name: className, config }
}
