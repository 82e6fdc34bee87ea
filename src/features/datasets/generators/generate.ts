/** Synthetic tables, from the spec that a dataset keeps in place of its rows. */

import type { GeneratorKind, SyntheticSpec } from '../../../catalog/generators.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { blobsErrors, makeBlobs } from './blobs.ts'
import { makePolynomial, makeSine, polynomialErrors } from './curves.ts'
import { makeFriedman1 } from './friedman1.ts'
import type { CheckSpec, GeneratedColumn, GeneratedRows, Generator, MakeGenerator } from './generator.ts'
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

/** What some kinds ask of a spec beyond its schema. */
const checks: { [Kind in GeneratorKind]?: CheckSpec<Kind> } = { polynomial: polynomialErrors, blobs: blobsErrors }

/** What is wrong with a spec by the rules of its own kind, with paths relative to it. */
export const errorsOfKind = (spec: SyntheticSpec): ValidationError[] => {
  const check: ((spec: never) => ValidationError[]) | undefined = checks[spec.kind]
  return check?.(spec as never) ?? []
}

/** What a spec's table looks like without making it: its columns in stored order, number of rows, and what is known of its labels. */
export type SyntheticTable = { columns: GeneratedColumn[]; rows: number } & Pick<Generator, 'classes' | 'linear' | 'truth'>

/** Describes the table of a spec. */
export const describeSynthetic = (spec: SyntheticSpec): SyntheticTable => {
  const { featureNames, labelName, classes, linear, truth } = createGenerator(spec)
  const columns: GeneratedColumn[] = [
    ...featureNames.map((name) => ({ name, role: 'feature' as const })),
    { name: labelName, role: 'label' },
  ]
  return { columns, rows: spec.examples, truth, ...(classes === undefined ? {} : { classes }), ...(linear ? { linear } : {}) }
}

/** Rows `from` to `from + count` (fewer at the table's end) of a spec: features [count, n] and labels [count, 1], flat row-major. */
export const generateRows = (spec: SyntheticSpec, from = 0, count: number = spec.examples): GeneratedRows =>
  createGenerator(spec).rows(from, Math.max(0, Math.min(count, spec.examples - from)))
