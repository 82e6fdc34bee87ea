/** The catalog as a resource: everything that a config may name. */
import { type Static, Type } from 'typebox'

const entry = {
  type: Type.String({ description: 'What a config names it by.' }),
  summary: Type.String({ description: 'What it computes.' }),
  source: Type.Optional(Type.String({ description: 'Where the definition comes from.' })),
  options: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
    description: 'JSON Schema of each option, with its default and range.',
  }),
}
const entries = (description: string) => Type.Array(Type.Object(entry), { description })

export const CatalogSchema = Type.Object(
  {
    losses: Type.Array(
      Type.Object({
        ...entry,
        inputs: Type.Integer({ description: 'How many tensors it compares with the target.' }),
        target: Type.String({ description: 'What the values of a target mean.' }),
        reductions: Type.Array(Type.String()),
        meanDividesBy: Type.String(),
      }),
      { description: 'What can be minimized or evaluated.' },
    ),
    initializers: entries('How weights can start.'),
    gains: Type.Record(Type.String(), Type.Number(), {
      description: 'Factors of Xavier and Kaiming initializers, by what follows the layer.',
    }),
    activations: entries("A dense or conv layer's `activation`, or layers of their own."),
    layers: entries('What a model is made of.'),
    optimizers: entries('How weights are updated.'),
    schedules: entries('How the learning rate changes.'),
    solvers: entries('Ways to find weights without training.'),
    metrics: Type.Array(
      Type.Object({
        ...entry,
        of: Type.Unsafe<'classes' | 'errors'>({
          type: 'string',
          enum: ['classes', 'errors'],
          description: 'What it is taken from: decisions for classes, with losses that have them, or errors of numbers.',
        }),
      }),
      { description: 'What can be measured after each epoch.' },
    ),
    generators: entries('Synthetic data, by `kind`.'),
  },
  {
    $id: 'Catalog',
    examples: [
      {
        losses: [
          {
            type: 'mse',
            summary: '(ŷ − y)².',
            source: 'torch.nn.MSELoss',
            options: {},
            inputs: 1,
            target: 'number',
            reductions: ['mean', 'sum', 'none'],
            meanDividesBy: 'the number of values',
          },
        ],
        initializers: [],
        gains: { linear: 1, tanh: 1.6666666666666667 },
        activations: [],
        layers: [],
        optimizers: [],
        schedules: [],
        solvers: [],
        metrics: [{ type: 'accuracy', summary: 'Share of right decisions.', options: {}, of: 'classes' }],
        generators: [],
      },
    ],
  },
)
export type CatalogResource = Static<typeof CatalogSchema>
