/** What a job starts from: weights from its config or its initializers, buffers at their first values. */

import { initialValues } from '../../../src/catalog/initializers.ts'
import type { NamedTensor } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createStream } from '../../../src/numerics/random.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'

/** Parameters in the plan's order; each draws from a stream of its own. */
export const initialParameters = ({ config, layers }: Plan): NamedTensor[] =>
  layers.flatMap((layer) =>
    layer.parameters.map(({ name, shape, fanIn, fanOut, initializer }, position) => {
      const given = config.model.initialWeights?.[name]
      if (given) return { name, shape, values: Float32Array.from(given.values) }
      const stream = createStream({ seed: config.training.seed, purpose: 'init', index: [layer.index, position] })
      return { name, shape, values: initialValues(initializer, { shape, fanIn, fanOut }, stream) }
    }),
  )

/** Running statistics, in the order of the layers. */
export const initialBuffers = ({ config, layers }: Plan): NamedTensor[] =>
  layers.flatMap((layer) =>
    layer.buffers.map(({ name: shortName, shape, initial }) => {
      const name = `layers.${layer.index}.${shortName}`
      const given = config.model.initialWeights?.[name]
      return { name, shape, values: given ? Float32Array.from(given.values) : new Float32Array(sizeOf(shape)).fill(initial) }
    }),
  )
