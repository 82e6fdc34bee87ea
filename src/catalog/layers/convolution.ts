/** Convolution over one, two or three spatial axes: the three catalog entries differ in nothing else. */

import type { Static, TObject } from 'typebox'
import { lastOf } from '../../numerics/must.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { activate } from '../activations.ts'
import { defineLayer } from './layer.ts'
import { activation, bias, biasInitializer, padding, perAxis, size, weightInitializer } from './layer-options.ts'
import { weightAndBias } from './weight-and-bias.ts'
import { geometryOf, slidSizes, windowError } from './window.ts'

type Options = Static<TObject<ReturnType<typeof optionsOf>>>

/** The entry for so many spatial axes; weights are `[...kernel, in, filters]`. */
export const convolution = <Type extends string>(type: Type, axes: number) =>
  defineLayer({
    type,
    summary: `Cross-correlation over ${axes === 1 ? 'one spatial axis' : `${axes} spatial axes`}, channels last: [...sizes, in] becomes [...sizes, filters].`,
    source: `torch.nn.Conv${axes}d`,
    options: optionsOf(axes),
    infer: (options, inputShape) => {
      const error = windowError(axes, inputShape, geometry(options))
      if (error) return error
      const sizes = inputShape.slice(0, -1)
      const channels = lastOf(inputShape)
      const resolved = geometry(options)(sizes)
      const cells = sizeOf(resolved.window)
      return {
        outputShape: [...slidSizes(resolved, sizes), options.filters],
        parameters: weightAndBias(options, {
          shape: [...resolved.window, channels, options.filters],
          fanIn: channels * cells,
          fanOut: options.filters * cells,
        }),
        buffers: [],
      }
    },
    forward: (ops, { options, input, parameters: { weight, bias: biases } }) => {
      if (!weight) throw new Error('a convolution has a weight')
      const convolved = ops.convolve(input, weight, geometry(options)(input.shape.slice(1, -1)))
      return { output: activate(ops, options.activation, biases ? ops.biasAdd(convolved, biases) : convolved) }
    },
  })

const optionsOf = (axes: number) => ({
  filters: size('Output channels.'),
  kernelSize: perAxis(axes, 'Size of the kernel.'),
  strides: perAxis(axes, 'Step of the window.', 1),
  padding: padding(axes),
  dilation: perAxis(axes, 'Distance between the cells that the kernel reads.', 1),
  activation,
  bias,
  weightInitializer,
  biasInitializer,
})

const geometry = (options: Options) => (sizes: readonly number[]) => geometryOf({ ...options, window: options.kernelSize }, sizes)
