import { present } from '../../../numerics/must.ts'
import { featureNames, type Generator, type MakeGenerator } from './generator.ts'
import { dataStreams, shuffledOrder } from './streams.ts'

/** A point of the plane without noise, and its class. */
type Point = { x: number; y: number; label: number }

/** Upper half circle around (0, 0), lower half circle around (1, 0.5). */
export const makeMoons: MakeGenerator<'moons'> = (spec) => {
  const upper = Math.floor(spec.examples / 2)
  return {
    ...plane(spec, (k) => {
      if (k < upper) {
        const angle = spaced(k, upper, Math.PI, true)
        return { x: Math.cos(angle), y: Math.sin(angle), label: 0 }
      }
      const angle = spaced(k - upper, spec.examples - upper, Math.PI, true)
      return { x: 1 - Math.cos(angle), y: 0.5 - Math.sin(angle), label: 1 }
    }),
    classes: 2,
    truth: () => ({
      centers: [
        [0, 0],
        [1, 0.5],
      ],
      radius: 1,
    }),
  }
}

/** Circles of radius 1 and `factor` around the origin. */
export const makeCircles: MakeGenerator<'circles'> = (spec) => {
  const outer = Math.floor(spec.examples / 2)
  return {
    ...plane(spec, (k) => {
      const label = k < outer ? 0 : 1
      const angle = label === 0 ? spaced(k, outer, 2 * Math.PI, false) : spaced(k - outer, spec.examples - outer, 2 * Math.PI, false)
      const radius = label === 0 ? 1 : spec.factor
      return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label }
    }),
    classes: 2,
    truth: () => ({ radii: [1, spec.factor] }),
  }
}

/** Arm c is r (cos θ, sin θ), r from 0 to 1, θ = 2π (c / classes + turns r). */
export const makeSpirals: MakeGenerator<'spirals'> = (spec) => {
  const perArm = Math.ceil(spec.examples / spec.classes)
  return {
    ...plane(spec, (k) => {
      const label = k % spec.classes
      const radius = spaced(Math.floor(k / spec.classes), perArm, 1, true)
      const angle = 2 * Math.PI * (label / spec.classes + spec.turns * radius)
      return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label }
    }),
    classes: spec.classes,
    truth: () => ({ turns: spec.turns }),
  }
}

/** A shuffled set of `examples` points of the plane, the k-th of them given by `pointAt`, plus normal noise on both coordinates. */
const plane = (
  { examples, noiseStd, seed }: { examples: number; noiseStd: number; seed: number },
  pointAt: (k: number) => Point,
): Pick<Generator, 'featureNames' | 'labelName' | 'rows'> => {
  const streams = dataStreams(seed)
  const order = shuffledOrder(streams.order, examples)
  return {
    featureNames: featureNames(2),
    labelName: 'y',
    rows: (from, count) => {
      const noise = streams.noise.normals(2 * count, 2 * from)
      const features = new Float32Array(2 * count)
      const labels = new Float32Array(count)
      for (let row = 0; row < count; row++) {
        const { x, y, label } = pointAt(present(order()[from + row]))
        features[2 * row] = x + noiseStd * present(noise[2 * row])
        features[2 * row + 1] = y + noiseStd * present(noise[2 * row + 1])
        labels[row] = label
      }
      return { features, labels }
    },
  }
}

/** The k-th of n numbers evenly spaced over [0, end], the end included or not. */
const spaced = (k: number, n: number, end: number, withEnd: boolean): number => (end * k) / Math.max(1, withEnd ? n - 1 : n)
