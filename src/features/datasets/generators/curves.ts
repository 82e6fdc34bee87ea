import { featureNames, type Generator, type MakeGenerator } from './generator.ts'
import { dataStreams, uniformsBetween } from './streams.ts'

/** One feature uniform between low and high, and y = f(x) plus normal noise. */
const curve = (
  { low, high, noiseStd, seed }: { low: number; high: number; noiseStd: number; seed: number },
  f: (x: number) => number,
): Pick<Generator, 'featureNames' | 'labelName' | 'rows'> => {
  const streams = dataStreams(seed)
  return {
    featureNames: featureNames(1),
    labelName: 'y',
    rows: (from, count) => {
      const features = Float32Array.from(uniformsBetween(streams.features, low, high, count, from))
      const noise = streams.noise.normals(count, from)
      return { features, labels: Float32Array.from(noise, (e, row) => f(features[row] ?? 0) + noiseStd * e) }
    },
  }
}

/** y = c0 + c1 x + c2 x² + …, by Horner's rule. */
export const makePolynomial: MakeGenerator<'polynomial'> = (spec) => ({
  ...curve(spec, (x) => spec.coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)),
  truth: () => ({ coefficients: spec.coefficients }),
})

/** y = amplitude sin(frequency x + phase) + offset. */
export const makeSine: MakeGenerator<'sine'> = (spec) => {
  const { amplitude, frequency, phase, offset } = spec
  return {
    ...curve(spec, (x) => amplitude * Math.sin(frequency * x + phase) + offset),
    truth: () => ({ amplitude, frequency, phase, offset }),
  }
}
