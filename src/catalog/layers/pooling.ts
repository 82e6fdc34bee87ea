/** Pooling over one, two or three spatial axes. */

import { type Static, type TObject, Type } from 'typebox'
import { must } from '../../numerics/must.ts'
import { defineLayer, type LayerError } from './layer.ts'
import type { LayerOps } from './layer-ops.ts'
import { padding, perAxis } from './layer-options.ts'
import { geometryOf, slidSizes, windowError } from './window.ts'

type Options = Static<TObject<ReturnType<typeof optionsOf>>>

/** The entry that reduces each window by one of the two poolings. */
export const pooling = <Type extends string>(
  type: Type,
  axes: number,
  summary: string,
  source: string,
  reduction: 'maxPool' | 'averagePool',
) =>
  defineLayer({
    type,
    summary,
    source,
    options: optionsOf(axes),
    infer: (options, inputShape) => {
      const error = paddingError(options, axes) ?? windowError(axes, inputShape, geometry(options))
      if (error) return error
      const sizes = inputShape.slice(0, -1)
      return { outputShape: [...slidSizes(geometry(options)(sizes), sizes), ...inputShape.slice(-1)], parameters: [], buffers: [] }
    },
    forward: (ops: LayerOps, { options, input }) => ({ output: ops[reduction](input, geometry(options)(input.shape.slice(1, -1))) }),
  })

const optionsOf = (axes: number) => ({
  poolSize: perAxis(axes, 'Size of the window.'),
  strides: Type.Optional(perAxis(axes, 'Step of the window; left out, the size of the window.')),
  padding: padding(axes),
})

const geometry = (options: Options) => (sizes: readonly number[]) =>
  geometryOf({ window: options.poolSize, strides: options.strides ?? options.poolSize, padding: options.padding }, sizes)

/** PyTorch's limit: a window of nothing but padding would have no largest value. */
const paddingError = (options: Options, axes: number): LayerError | undefined => {
  const { window, padding: cells } = geometry(options)(new Array<number>(axes).fill(1))
  if (typeof options.padding === 'string' || cells.every(([before], axis) => 2 * before <= must(window, axis))) return undefined
  return { option: 'padding', expected: 'at most half of poolSize', got: String(options.padding) }
}
