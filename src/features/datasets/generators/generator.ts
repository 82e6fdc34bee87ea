import type { Truth } from '../../../api/truth.schema.ts'
import type { GeneratorKind, SpecOf } from '../../../catalog/generators.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'

/** A column of a generated table. */
export type GeneratedColumn = { name: string; role: 'feature' | 'label' }

/** Rows as flat row-major float32: `features` is [count, feature columns], `labels` [count, 1]. */
export type GeneratedRows = { features: Float32Array; labels: Float32Array }

/** A spec made ready: what its table looks like, its truth, and its rows, each computable by itself. */
export type Generator = {
  featureNames: string[]
  labelName: string
  /** How many classes the label counts from 0; absent if the label is a quantity. */
  classes?: number
  /** The weights and the bias that a linear model of the rows should learn, if the labels are linear in the features but for noise. */
  linear?: { weights: readonly number[]; bias: number }
  /** Made when it is asked for. */
  truth: () => Truth
  /** Rows `from`, `from + 1`, … The same row always has the same values, wherever a range starts. */
  rows: (from: number, count: number) => GeneratedRows
}

/** How one kind of synthetic data is made. Pure: everything random comes from the spec's seed. */
export type MakeGenerator<Kind extends GeneratorKind> = (spec: SpecOf<Kind>) => Generator

/** What is wrong with a spec of one kind beyond its schema and what is asked of every kind; paths are relative to the spec. */
export type CheckSpec<Kind extends GeneratorKind> = (spec: SpecOf<Kind>) => ValidationError[]

/** `x1`, `x2`, … */
export const featureNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `x${index + 1}`)
