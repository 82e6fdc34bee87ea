/** Operations of a trainer, each by itself. */
import { toJsonNumber, toJsonNumbers } from '../../../src/api/numbers.ts'
import type { OperationOf } from '../../../src/api/trainer-operations.schema.ts'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import type { NamedTensor } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress, SavedTrainer, TrainerStanding } from '../../../src/contracts/trainer.ts'
import { gradientPrefix } from '../graph/job-values.ts'
import type { Tf } from '../step/tape.ts'
import { evaluateRows, type Slices, slicesOf } from './evaluate-rows.ts'
import type { ModelState } from './model-state.ts'
import type { Passes } from './passes.ts'
import { distance, normOfAll, type OperationResult, toldTensors } from './results.ts'
import type { Turn } from './turn.ts'
import type { Resolved } from './walk.ts'

type ResolvedOf<Type extends Resolved['type']> = Extract<Resolved, { type: Type }>
type Parts = { tf: Tf; ops: LayerOps; plan: Plan; state: ModelState; passes: Passes; turn: Turn }

export const createSingleOperations = ({ tf, ops, plan, state, passes, turn }: Parts) => {
  const names = new Set(plan.parameters.map(({ name }) => name))

  const parameters = (): NamedTensor[] => state.values().filter(({ name }) => names.has(name))

  const gradients = (): NamedTensor[] =>
    state
      .values()
      .flatMap((tensor) => (tensor.name.startsWith(gradientPrefix) ? [{ ...tensor, name: tensor.name.slice(gradientPrefix.length) }] : []))

  /** Parameters, slots and running statistics: what `save` keeps. */
  const model = (): NamedTensor[] => state.values().filter(({ name }) => !name.startsWith(gradientPrefix))

  /** Changes parameters, and says by how much. */
  const changing = (version: number, change: () => void) => {
    const before = parameters()
    change()
    return { version, updateNorm: distance(before, parameters()) }
  }

  const setParameters = (given: readonly { name: string; values: number[] }[], combine: (old: number, value: number) => number): void => {
    const byName = new Map(given.map(({ name, values }) => [name, values]))
    state.replaceAll(
      state.values().map((tensor) => {
        const values = byName.get(tensor.name)
        return values ? { ...tensor, values: tensor.values.map((old, at) => combine(old, values[at] ?? 0)) } : tensor
      }),
    )
  }

  const evaluate = async ({ type, metrics: wanted, rows }: ResolvedOf<'evaluate'>, version: number): Promise<OperationResult> => {
    if (rows === 'none') return { type, version }
    const slices: Slices = rows === 'own' ? slicesOf(passes.rows) : rows
    const { loss, metrics } = await evaluateRows({ tf, ops, plan, turn }, state.onBackend(), slices, wanted)
    const measured = Object.entries(metrics).map(([name, value]) => [name, toJsonNumber(value)])
    return { type, loss: toJsonNumber(loss), metrics: Object.fromEntries(measured), version }
  }

  const forward = ({ type, mode, at }: ResolvedOf<'forward'>): OperationResult => {
    const { shape, values } = passes.outputs(mode, at)
    return {
      type,
      outputs: { shape, values: toJsonNumbers(values) },
      version: at.version,
      ...(mode === 'training' ? { pass: at.pass } : {}),
    }
  }

  const forwardBackward = ({ type, at, perExample, plan: measured }: ResolvedOf<'forwardBackward'>): OperationResult => {
    const { loss, terms } = passes.forwardBackward(at, { perExample, ...measured })
    const losses = terms ? { losses: { shape: terms.shape, values: toJsonNumbers(terms.values) } } : {}
    return { type, loss: toJsonNumber(loss), ...losses, version: at.version, pass: at.pass }
  }

  const step = ({ type, number, learningRate, names: only }: ResolvedOf<'step'>, version: number): OperationResult => {
    const gradientNorm = normOfAll(gradients())
    return { type, ...changing(version, () => passes.update({ number, learningRate, only })), gradientNorm }
  }

  const load = ({ type, name }: ResolvedOf<'load'>, version: number, found: SavedTrainer | undefined): OperationResult => {
    if (!found) throw new Error(`what was saved as ${name} is missing`)
    return { type, name, ...changing(version, () => state.replaceAll(found.tensors)) }
  }

  /** Does one operation; `version` is the trainer's after it. What is saved goes into `saved`, and comes from there. */
  const perform = (
    operation: Resolved,
    { version, steps }: TrainerStanding,
    saved: Record<string, SavedTrainer>,
  ): OperationResult | Promise<OperationResult> => {
    const { type } = operation
    switch (operation.type) {
      case 'batch':
        return { type, ...toldBatch(operation.batch) }
      case 'forward':
        return forward(operation)
      case 'forwardBackward':
        return forwardBackward(operation)
      case 'backward':
        passes.backward(operation.at, operation.values)
        return { type, version, pass: operation.at.pass }
      case 'zeroGradients':
        state.replace({ gradients: undefined })
        return { type }
      case 'gradients':
        return { type, gradients: toldTensors(gradients(), operation), version }
      case 'parameters':
        return { type, parameters: toldTensors(parameters(), operation), version }
      case 'clip':
        return { type, norm: toJsonNumber(passes.limit(clippingOf(operation))) }
      case 'step':
        return step(operation, version)
      case 'update':
        return { type, ...changing(version, () => setParameters(operation.deltas, (old, delta) => old + delta)) }
      case 'assign':
        return { type, ...changing(version, () => setParameters(operation.values, (_, value) => value)) }
      case 'evaluate':
        return evaluate(operation, version)
      case 'save':
        saved[operation.name] = { steps, tensors: model() }
        return { type, name: operation.name, version }
      case 'load':
        return load(operation, version, saved[operation.name])
    }
  }

  return { perform, parameters, gradients }
}
export type SingleOperations = ReturnType<typeof createSingleOperations>

const toldBatch = (batch: BatchAddress) => ({
  rows: batch.rows,
  ...(batch.kind === 'slice' ? { epoch: batch.epoch, index: batch.index } : {}),
})

const clippingOf = ({ norm, value = 0 }: OperationOf<'clip'>): { norm: number } | { value: number } =>
  norm === undefined ? { value } : { norm }
