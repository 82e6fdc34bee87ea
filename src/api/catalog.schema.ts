/** The catalog as a resource: everything that a config may name. */
import { type Static, Type } from 'typebox'
import { initializerFamily } from '../catalog/initializers.ts'
import { ref } from '../catalog/ref.ts'

const optionTypes = ['number', 'integer', 'string', 'boolean', 'array', 'object'] as const
const optionType = Type.Unsafe<(typeof optionTypes)[number]>({ type: 'string', enum: [...optionTypes] })

const limits = {
  enum: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]), { description: 'What it may be.' })),
  minimum: limit('Smallest value.'),
  maximum: limit('Largest value.'),
  exclusiveMinimum: limit('What its values are above.'),
  exclusiveMaximum: limit('What its values are below.'),
}

/** What a value of an option's list may be. */
const CatalogItemSchema = Type.Object(
  { type: optionType, ...limits },
  { $id: 'CatalogItem', description: "What an element of an option's list may be." },
)

const option = {
  description: Type.String({ description: 'What it does, in a line.' }),
  required: Type.Boolean({ description: 'Whether a config must give it.' }),
  type: Type.Union([optionType, Type.Array(optionType)], {
    description: 'What its value may be, a list if there are several; `array` with `items` for each element.',
  }),
  default: Type.Optional(
    Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Array(Type.Number()), ref(initializerFamily.union)], {
      description: 'What it is if a config leaves it out; without one it is not there then.',
    }),
  ),
  ...limits,
  items: Type.Optional(ref(CatalogItemSchema)),
  minItems: limit('Fewest elements.'),
  maxItems: limit('Most elements.'),
  of: Type.Optional(
    Type.Unsafe<'activations' | 'initializers'>({
      type: 'string',
      enum: ['activations', 'initializers'],
      description: 'The list of the catalog whose types it is one of: as an object with its options, an activation also by its name.',
    }),
  ),
}

const CatalogOptionSchema = Type.Object(
  {
    ...option,
    properties: Type.Optional(
      Type.Record(Type.String(), Type.Unsafe<CatalogOption>({ $ref: 'CatalogOption#' }), { description: 'Its own options, of an object.' }),
    ),
  },
  { $id: 'CatalogOption', description: 'An option of a catalog entry, its limits in the words of JSON Schema.' },
)
const optionSchema = Type.Object(option)
export type CatalogOption = Static<typeof optionSchema> & { properties?: Record<string, CatalogOption> }

const entry = {
  type: Type.String({ description: 'What a config names it by.' }),
  summary: Type.String({ description: 'What it computes.' }),
  source: Type.Optional(Type.String({ description: 'Source of the definition.' })),
  options: Type.Record(Type.String(), ref(CatalogOptionSchema), { description: 'Its options by name.' }),
}
const CatalogEntrySchema = Type.Object(entry, { $id: 'CatalogEntry', description: 'Something that a config may name.' })

const CatalogLossSchema = Type.Object(
  {
    ...entry,
    inputs: Type.Integer({ description: 'How many tensors it compares with the target.' }),
    target: Type.String({ description: 'What the values of a target mean.' }),
    reductions: Type.Array(Type.String(), { description: 'How its values may become one number.' }),
    meanDividesBy: Type.String({ description: 'What the reduction mean divides by.' }),
  },
  { $id: 'CatalogLoss', description: 'A loss that a config may name.' },
)
const CatalogMetricSchema = Type.Object(
  {
    ...entry,
    of: Type.Unsafe<'classes' | 'errors'>({
      type: 'string',
      enum: ['classes', 'errors'],
      description: 'What it is taken from: decisions for classes, with losses that have them, or errors of numbers.',
    }),
  },
  { $id: 'CatalogMetric', description: 'A metric that a config may name.' },
)

export const CatalogSchema = Type.Object(
  {
    losses: Type.Array(ref(CatalogLossSchema), { description: 'What can be minimized or evaluated.' }),
    initializers: entries('How weights can start.'),
    gains: Type.Record(Type.String(), Type.Number(), {
      description: 'Factors of Xavier and Kaiming initializers, by what follows the layer.',
    }),
    activations: entries("A dense or conv layer's `activation`, or layers of their own."),
    layers: entries('What a model is made of.'),
    optimizers: entries('How weights are updated.'),
    schedules: entries('How the learning rate changes.'),
    solvers: entries('Ways to find weights without training.'),
    metrics: Type.Array(ref(CatalogMetricSchema), { description: 'What can be measured after each epoch.' }),
    generators: entries('Synthetic data, by `kind`.'),
  },
  {
    $id: 'Catalog',
    description: 'Everything that a config may name.',
    examples: [
      {
        losses: [
          {
            type: 'huber',
            summary: '(ŷ − y)² / 2 up to a difference of delta, delta · (|ŷ − y| − delta / 2) beyond.',
            source: 'torch.nn.HuberLoss',
            options: {
              delta: {
                description: 'The difference at which the square turns into a line.',
                required: false,
                type: 'number',
                default: 1,
                exclusiveMinimum: 0,
                maximum: 1e12,
              },
            },
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

function entries(description: string) {
  return Type.Array(ref(CatalogEntrySchema), { description })
}

function limit(description: string) {
  return Type.Optional(Type.Number({ description }))
}

/** What the catalog's answer is made of. */
export const catalogSchemas = [
  CatalogItemSchema,
  CatalogOptionSchema,
  CatalogEntrySchema,
  CatalogLossSchema,
  CatalogMetricSchema,
  CatalogSchema,
]
