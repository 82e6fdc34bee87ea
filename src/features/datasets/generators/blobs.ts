import { present } from '../../../numerics/must.ts'
import { type CheckSpec, featureNames, type MakeGenerator } from './generator.ts'
import { dataStreams, shuffledOrder, uniformsBetween } from './streams.ts'

/** Isotropic normal clouds of one size around `centers` points drawn uniformly from the box [low, high]ᵈ. */
export const makeBlobs: MakeGenerator<'blobs'> = ({ centers, features: width, clusterStd, low, high, examples, seed }) => {
  const streams = dataStreams(seed)
  const order = shuffledOrder(streams.order, examples)
  let made: Float64Array | undefined
  const box = (): Float64Array => {
    made ??= uniformsBetween(streams.extra, low, high, centers * width, 0)
    return made
  }
  return {
    featureNames: featureNames(width),
    labelName: 'y',
    classes: centers,
    truth: () => ({ centers: Array.from({ length: centers }, (_, label) => [...box().subarray(label * width, (label + 1) * width)]) }),
    rows: (from, count) => {
      const at = box()
      const normals = streams.features.normals(count * width, from * width)
      const labels = Float32Array.from({ length: count }, (_, row) => present(order()[from + row]) % centers)
      const centerOf = (cell: number) => present(at[present(labels[Math.floor(cell / width)]) * width + (cell % width)])
      return { features: Float32Array.from(normals, (normal, cell) => centerOf(cell) + clusterStd * normal), labels }
    },
  }
}

/** Numbers that the centers of clouds may have together: they are part of what a job tells at its end. */
const maxCoordinates = 100_000

/** Centers that are too many to be told. */
export const blobsErrors: CheckSpec<'blobs'> = ({ centers, features }) => {
  if (centers * features <= maxCoordinates) return []
  const message = `${centers} centers of ${features} features have more than the ${maxCoordinates} coordinates that are allowed`
  return [{ path: '/centers', code: 'too_large', message, value: centers }]
}
