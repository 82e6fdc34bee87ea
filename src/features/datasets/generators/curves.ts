import { largestFloat32 } from '../../../api/numbers.ts'
import { present } from '../../../numerics/must.ts'
import { type CheckSpec, featureNames, type Generator, type MakeGenerator } from './generator.ts'
import { dataStreams, uniformsBetween } from './streams.ts'

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

/**
 * Powers are the only thing in any generator that leaves float32: the ranges of all other options, a normal number being
 * below 7, keep the sums that they go into under 1e18.
 */
export const polynomialErrors: CheckSpec<'polynomial'> = ({ coefficients, low, high }) => {
  const largest = Math.max(Math.abs(low), Math.abs(high))
  const term = (power: number): number => (coefficients[power] === 0 ? 0 : Math.abs(present(coefficients[power])) * largest ** power)
  const terms = coefficients.map((_, power) => term(power))
  if (terms.reduce((sum, each) => sum + each, 0) <= largestFloat32) return []
  const worst = terms.indexOf(Math.max(...terms))
  const message = `with x from ${low} to ${high} this term reaches ${terms[worst]?.toPrecision(3)}; a float32 holds at most ${largestFloat32}: choose a smaller coefficient or range`
  return [{ path: `/coefficients/${worst}`, code: 'range', message, value: coefficients[worst] }]
}

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
      return { features, labels: Float32Array.from(noise, (e, row) => f(present(features[row])) + noiseStd * e) }
    },
  }
}
