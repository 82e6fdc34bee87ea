import { featureNames, type MakeGenerator } from './generator.ts'
import { affine } from './linear.ts'
import { dataStreams } from './streams.ts'

/** P(y = 1) = sigmoid(Xw + b), X from N(0, 1). */
export const makeLogistic: MakeGenerator<'logistic'> = ({ weights, bias, seed }) => {
  const streams = dataStreams(seed)
  const width = weights.length
  return {
    featureNames: featureNames(width),
    labelName: 'y',
    classes: 2,
    truth: () => ({ weights, bias }),
    rows: (from, count) => {
      const features = Float32Array.from(streams.features.normals(count * width, from * width))
      const uniforms = streams.extra.uniforms(count, from)
      const probability = (row: number) => 1 / (1 + Math.exp(-affine(features, row, weights, bias)))
      return { features, labels: Float32Array.from(uniforms, (uniform, row) => (uniform < probability(row) ? 1 : 0)) }
    },
  }
}
