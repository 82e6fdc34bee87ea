/** Weights and gradients as resources: flat, row-major values with a shape. Dense weights are [in, out], convolutions [...kernel, in, out]. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { jsonNumber } from './numbers.ts'

export const shapeSchema = Type.Array(Type.Integer({ minimum: 0 }), { description: 'Sizes of the axes; empty for a single number.' })
const values = Type.Array(jsonNumber(), { description: 'Flat values, row-major.' })
const norm = jsonNumber('Euclidean norm of the values.')

/** A tensor in a request or an answer. */
export const TensorSchema = Type.Object(
  { shape: shapeSchema, values },
  { $id: 'Tensor', additionalProperties: false, description: 'A tensor.' },
)

/** One parameter's gradient after one epoch. */
export const GradientSchema = Type.Object(
  {
    epoch: Type.Integer({ minimum: 1 }),
    parameter: Type.String({ description: '`layers.{index}.{weight|bias}`' }),
    shape: shapeSchema,
    values: Type.Optional(
      Type.Array(jsonNumber(), { description: 'Flat values, row-major; absent if only norms were asked for or recorded.' }),
    ),
    norm,
  },
  { $id: 'Gradient', description: 'Gradient of the last mini-batch of an epoch, after clipping and before weight decay.' },
)
export type Gradient = Static<typeof GradientSchema>

export const GradientsSchema = Type.Object(
  { data: Type.Array(ref(GradientSchema), { description: 'By epoch, then in the order of the parameters.' }) },
  {
    $id: 'Gradients',
    description: 'Gradients of a job.',
    examples: [{ data: [{ epoch: 1, parameter: 'layers.0.weight', shape: [2, 1], values: [-0.0012, 0.0034], norm: 0.003606 }] }],
  },
)

/** One parameter with its values. */
export const ParameterSchema = Type.Object(
  {
    name: Type.String({
      description: '`layers.{index}.{weight|bias}`; with `layout=torch` as in a state_dict: `{module}.{weight|bias}`.',
    }),
    shape: shapeSchema,
    values,
    norm,
  },
  { $id: 'Parameter', description: 'A named weight tensor.' },
)

/** The weights after one epoch. */
export const WeightsSchema = Type.Object(
  {
    jobId: Type.String({ description: '`job_…`' }),
    epoch: Type.Integer({ minimum: 0, description: 'Finished epochs behind these weights.' }),
    modules: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "With `layout=torch`: the modules of the torch.nn.Sequential that has these tensors as its state_dict, as Python. `Permute` is torchvision's.",
      }),
    ),
    parameters: Type.Array(ref(ParameterSchema), { description: 'In the order of the layers.' }),
  },
  {
    $id: 'Weights',
    description: 'The weights of a job after an epoch.',
    examples: [
      {
        jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
        epoch: 3,
        parameters: [
          { name: 'layers.0.weight', shape: [2, 1], values: [1.9996, -3.3994], norm: 3.9439 },
          { name: 'layers.0.bias', shape: [1], values: [4.2001], norm: 4.2001 },
        ],
      },
      {
        jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
        epoch: 3,
        modules: ['Linear(2, 1)'],
        parameters: [
          { name: '0.weight', shape: [1, 2], values: [1.9996, -3.3994], norm: 3.9439 },
          { name: '0.bias', shape: [1], values: [4.2001], norm: 4.2001 },
        ],
      },
    ],
  },
)
export type Weights = Static<typeof WeightsSchema>
