/** Synthetic tables, from the spec that a dataset keeps in place of its rows. */
import type { GeneratorKind, SyntheticSpec } from '../../../contracts/catalog/generators.ts'
import type { Fault } from '../../../contracts/problems.ts'
import { makeBlobs } from './blobs.ts'
import { makePolynomial, makeSine } from './curves.ts'
import { makeFriedman1 } from './friedman1.ts'
import type { GeneratedColumn, GeneratedRows, Generator, MakeGenerator, Truth } from './generator.ts'
import { makeLinear } from './linear.ts'
import { makeLogistic } from './logistic.ts'
import { makeCircles, makeMoons, makeSpirals } from './planes.ts'

const generators: { [Kind in GeneratorKind]: MakeGenerator<Kind> } = {
  linear: makeLinear,
  polynomial: makePolynomial,
  sine: makeSine,
  logistic: makeLogistic,
  blobs: makeBlobs,
  moons: makeMoons,
  circles: makeCircles,
  spirals: makeSpirals,
  friedman1: makeFriedman1,
}

/** Makes a spec ready to be read; cheap, nothing is generated yet. */
export const createGenerator = (spec: SyntheticSpec): Generator => {
  const make: (spec: never) => Generator = generators[spec.kind]
  return make(spec as never)
}

/** What a spec's table looks like without making it: its columns in stored order, number of rows, classes, and truth. */
export type SyntheticTable = { columns: GeneratedColumn[]; rows: number; classes?: number; truth: Truth }

/** Describes the table of a spec. */
export const describeSynthetic = (spec: SyntheticSpec): SyntheticTable => {
  const { featureNames, labelName, classes, truth } = createGenerator(spec)
  const columns: GeneratedColumn[] = [
    ...featureNames.map((name) => ({ name, role: 'feature' as const })),
    { name: labelName, role: 'label' },
  ]
  return { columns, rows: spec.examples, truth, ...(classes === undefined ? {} : { classes }) }
}

/** Rows `from` to `from + count` (fewer at the table's end) of a spec: features [count, n] and labels [count, 1], flat row-major. */
export const generateRows = (spec: SyntheticSpec, from = 0, count: number = spec.examples): GeneratedRows =>
  createGenerator(spec).rows(from, Math.max(0, Math.min(count, spec.examples - from)))

/** Float32 values that one synthetic table may hold: 1 GiB. */
const largestTable = 2 ** 28

/** What is wrong with a spec beyond its schema, with paths relative to it; empty when it can be generated. */
export const syntheticFaults = (spec: SyntheticSpec): Fault[] => {
  const faults: Fault[] = []
  if ('low' in spec && !(spec.low < spec.high)) {
    faults.push({ path: '/high', code: 'range', message: `must be above low, which is ${spec.low}`, value: spec.high })
  }
  const width = 'weights' in spec ? spec.weights.length : 'features' in spec ? spec.features : 2
  if ((width + 1) * spec.examples > largestTable) {
    const message = `${spec.examples} rows of ${width + 1} columns are more than the ${largestTable} values a table may hold`
    faults.push({ path: '/examples', code: 'too_large', message, value: spec.examples })
  }
  return faults
}
