/** Solves for the weights of a job instead of training: one epoch that needs no steps, reported like any other. */

import { type ByType, callByType } from '../../src/catalog/by-type.ts'
import { penaltyOf, ridgeOfWeightDecay, type SolverConfig, shareOfSquare } from '../../src/catalog/solvers.ts'
import type {
  Engine,
  EngineDescription,
  EngineState,
  EpochReport,
  NamedTensor,
  Run,
  Solution,
  TrainingData,
} from '../../src/contracts/engine.ts'
import { unmeasured } from '../../src/contracts/epoch-columns.ts'
import type { JobErrorCode } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { createLeastSquares, type LeastSquaresSolution } from '../../src/numerics/least-squares.ts'
import { must, present } from '../../src/numerics/must.ts'
import { sizeOf } from '../../src/numerics/shape.ts'
import { recordGradients, recordWeights } from './step/recorded.ts'

type Rows = Pick<TrainingData, 'rows' | 'features' | 'labels'>

/** A job that has no answer, with the code that the client meets. */
class Unsolvable extends Error {
  readonly code: JobErrorCode = 'LINEARLY_DEPENDENT'
}

/** Plain JavaScript in float64, whatever backend the process has loaded: its version is that of Node.js. */
const description: EngineDescription = { name: 'solver', backend: 'cpu', device: 'cpu', version: process.versions.node }

/** The same engine, which solves instead of training if a job asks for it. */
export const withSolver = (engine: Engine): Engine => ({
  ...engine,
  describe: (plan) => (plan.config.solver ? description : engine.describe(plan)),
  open: async (plan, data, state) => (plan.config.solver ? open(plan, plan.config.solver, data) : engine.open(plan, data, state)),
})

const leastSquares = (plan: Plan, { features: [features = new Float32Array()], labels }: Rows): LeastSquaresSolution => {
  const { config, data, outputShape, parameters } = plan
  const equations = createLeastSquares({ features: must(data.inputShape, 0), outputs: must(outputShape, 0), bias: parameters.length === 2 })
  equations.add(features, labels)
  try {
    return equations.solve({ ridge: ridgeOfWeightDecay(penaltyOf(config), config.loss, labels.length) })
  } catch (error) {
    throw error instanceof RangeError ? new Unsolvable(`${error.message}: leave some out, or give the solver a weightDecay`) : error
  }
}

/** What each solver makes of a job's rows. */
const solvers: ByType<SolverConfig, [Plan, Rows], LeastSquaresSolution> = {
  leastSquares: (_config, plan, rows) => leastSquares(plan, rows),
}

/** Output minus label of every row and unit. */
const errorsOf = (
  plan: Plan,
  [weight, bias]: readonly NamedTensor[],
  { features: [x = new Float32Array()], labels }: Rows,
): Float64Array => {
  const inputs = must(plan.data.inputShape, 0)
  const units = must(plan.outputShape, 0)
  return Float64Array.from(labels, (label, at) => {
    const [row, unit] = [Math.floor(at / units), at % units]
    let error = (bias?.values[unit] ?? 0) - label
    for (let input = 0; input < inputs; input += 1) error += present(x[row * inputs + input]) * (weight?.values[input * units + unit] ?? 0)
    return error
  })
}

/** Loss and gradients, without weight decay, of weights and bias over some rows. */
const evaluate = (plan: Plan, weights: readonly NamedTensor[], rows: Rows) => {
  const { type, reduction } = plan.config.loss
  const [inputs = 0, units = 1] = plan.parameters[0]?.shape ?? []
  const share = shareOfSquare(type) / (reduction === 'sum' ? 1 : rows.labels.length)
  const [x = new Float32Array()] = rows.features
  const gradients = plan.parameters.map(({ shape }) => new Float64Array(sizeOf(shape)))
  const errors = errorsOf(plan, weights, rows)
  const add = (into: Float64Array | undefined, at: number, value: number): void => {
    if (into) into[at] = present(into[at]) + 2 * share * value
  }
  for (const [at, error] of errors.entries()) {
    const [row, unit] = [Math.floor(at / units), at % units]
    for (let input = 0; input < inputs; input += 1) add(gradients[0], input * units + unit, error * present(x[row * inputs + input]))
    add(gradients[1], unit, error)
  }
  return { loss: share * errors.reduce((sum, error) => sum + error * error, 0), gradients }
}

const named = ({ parameters }: Plan, values: readonly Float64Array[]): NamedTensor[] =>
  parameters.map(({ name, shape }, position) => ({ name, shape, values: Float32Array.from(values[position] ?? []) }))

const describe = ({ standardErrors, r2, degreesOfFreedom }: LeastSquaresSolution): Solution => ({
  standardErrors: { weights: [...standardErrors.weights], bias: [...standardErrors.bias] },
  r2: [...r2],
  degreesOfFreedom,
})

const open = (plan: Plan, solver: SolverConfig, data: TrainingData): Run => {
  let weights: NamedTensor[] = []
  let epoch = 0

  const report = (): EpochReport => {
    const start = performance.now()
    const solution = callByType(solvers, solver, plan, data)
    weights = named(plan, [solution.weights, solution.bias])
    const { loss, gradients } = evaluate(plan, weights, data)
    epoch = 1
    return {
      ...unmeasured,
      epoch,
      loss,
      batchLoss: loss,
      validationLoss: data.validation ? evaluate(plan, weights, data.validation).loss : null,
      // No step was made at any rate.
      learningRate: 0,
      gradientNorm: Math.sqrt(gradients.flatMap((values) => [...values]).reduce((sum, value) => sum + value * value, 0)),
      seconds: (performance.now() - start) / 1000,
      metrics: {},
      gradients: recordGradients(plan, () => named(plan, gradients)),
      weights: recordWeights(plan, { epoch, finished: true }, () => weights),
      diverged: !Number.isFinite(loss),
      finished: true,
      solution: describe(solution),
    }
  }

  return {
    run: async () => ({ epoch, step: plan.stepsPerEpoch, epochEnded: true }),
    evaluate: async () => report(),
    exportState: async (): Promise<EngineState> => ({ epoch, step: 0, tensors: weights, training: {} }),
    close: async () => {},
  }
}
