import { featureNames, type MakeGenerator } from './generator.ts'
import { dataStreams } from './streams.ts'

/** xᵀw + b of row `row` of X, [rows, w.length] flat. */
export const affine = (x: Float32Array, row: number, w: readonly number[], b: number): number => {
  let sum = b
  const start = row * w.length
  for (let column = 0; column < w.length; column++) sum += (x[start + column] as number) * (w[column] as number)
  return sum
}

/** y = Xw + b + N(0, noiseStd), X from N(0, 1). */
export const makeLinear: MakeGenerator<'linear'> = ({ weights, bias, noiseStd, seed }) => {
  const streams = dataStreams(seed)
  const width = weights.length
  return {
    featureNames: featureNames(width),
    labelName: 'y',
    linear: { weights, bias },
    truth: () => ({ weights, bias }),
    rows: (from, count) => {
      const features = Float32Array.from(streams.features.normals(count * width, from * width))
      const noise = streams.noise.normals(count, from)
      return { features, labels: Float32Array.from(noise, (e, row) => affine(features, row, weights, bias) + noiseStd * e) }
    },
  }
}
