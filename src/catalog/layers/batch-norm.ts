import { Type } from 'typebox'
import { sizeOf } from '../../numerics/shape.ts'
import { defineLayer } from './layer.ts'
import { epsilonOf, epsilonOptions, scaleAndShift } from './norm-parameters.ts'

/**
 * Normalizes each channel (the last axis) over the mini-batch, then scales and shifts it. Evaluation uses running
 * statistics, whose variance has divisor n - 1 while training's has n, as in PyTorch.
 */
export const batchNorm = defineLayer({
  type: 'batchNorm',
  summary: 'Normalizes each channel over the mini-batch in training, by running statistics in evaluation; then scales and shifts.',
  source: 'torch.nn.BatchNorm1d, BatchNorm2d, BatchNorm3d',
  options: {
    ...epsilonOptions,
    momentum: Type.Number({ minimum: 0, maximum: 1, default: 0.1, description: "Share of a mini-batch's statistics in the running ones." }),
    affine: Type.Boolean({ default: true, description: 'Whether a scale and a shift are learned.' }),
  },
  // Statistics of a mini-batch need more than one value per channel: PyTorch's rule.
  minRows: (inputShape) => (sizeOf(inputShape.slice(0, -1)) === 1 ? { rows: 2, because: 'more than one value per channel' } : undefined),
  infer: ({ affine }, inputShape) => {
    const channels = inputShape.at(-1)
    if (channels === undefined) return { expected: 'at least one axis', got: '[]' }
    return {
      outputShape: inputShape,
      parameters: affine ? scaleAndShift([channels], channels) : [],
      buffers: [
        { name: 'runningMean', shape: [channels], initial: 0 },
        { name: 'runningVariance', shape: [channels], initial: 1 },
      ],
    }
  },
  forward: (ops, { options, input, parameters: { weight, bias }, buffers: { runningMean, runningVariance }, training }) => {
    if (!runningMean || !runningVariance) throw new Error('batchNorm has running statistics')
    const axes = input.shape.slice(0, -1).map((_, axis) => axis)
    const mean = training ? ops.mean(input, axes) : runningMean
    const centered = ops.sub(input, mean)
    const variance = training ? ops.mean(ops.square(centered), axes) : runningVariance
    const normalized = ops.div(centered, ops.sqrt(ops.add(variance, epsilonOf(options))))
    const output = weight && bias ? ops.biasAdd(ops.mul(normalized, weight), bias) : normalized
    if (!training) return { output }
    const examples = sizeOf(input.shape.slice(0, -1))
    const blend = (running: typeof mean, ofBatch: typeof mean) =>
      ops.withoutGradient(() => ops.add(ops.mul(running, 1 - options.momentum), ops.mul(ofBatch, options.momentum)))
    const unbiased = ops.withoutGradient(() => ops.mul(variance, examples / Math.max(examples - 1, 1)))
    return { output, buffers: { runningMean: blend(runningMean, mean), runningVariance: blend(runningVariance, unbiased) } }
  },
})
