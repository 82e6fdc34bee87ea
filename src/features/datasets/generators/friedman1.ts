import { featureNames, type MakeGenerator } from './generator.ts'
import { dataStreams } from './streams.ts'

/** y = 10 sin(π x1 x2) + 20 (x3 − 0.5)² + 10 x4 + 5 x5 + N(0, noiseStd), features uniform in [0, 1). */
export const makeFriedman1: MakeGenerator<'friedman1'> = ({ features: width, noiseStd, seed }) => {
  const streams = dataStreams(seed)
  return {
    featureNames: featureNames(width),
    labelName: 'y',
    truth: () => ({ relevantFeatures: [1, 2, 3, 4, 5] }),
    rows: (from, count) => {
      const features = Float32Array.from(streams.features.uniforms(count * width, from * width))
      const noise = streams.noise.normals(count, from)
      const labels = Float32Array.from(noise, (e, row) => {
        const [x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0] = features.subarray(row * width, row * width + 5)
        return 10 * Math.sin(Math.PI * x1 * x2) + 20 * (x3 - 0.5) ** 2 + 10 * x4 + 5 * x5 + noiseStd * e
      })
      return { features, labels }
    },
  }
}
