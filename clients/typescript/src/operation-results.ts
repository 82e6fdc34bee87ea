/** What an operation of a trainer gave, by its type. */
import type { OperationResult, TrainerOperation } from './types.ts'

/** Of several operations: a result each, in order; of an array that is not written out, any of them. */
export type ResultsOf<Operations extends readonly TrainerOperation[]> = {
  -readonly [At in keyof Operations]: ResultOf<Operations[At]['type']>
}

/** Told apart by `type`. */
export type ResultOf<Type extends TrainerOperation['type']> = { [One in Type]: { type: One } & Fields[One] }[Type]

/** Fields that the published result always has for an operation, and those that it has sometimes. */
type Has<Always extends keyof OperationResult = never, Sometimes extends keyof OperationResult = never> = Required<
  Pick<OperationResult, Always>
> &
  Pick<OperationResult, Sometimes>

type Fields = {
  batch: Has<'rows', 'epoch' | 'index'>
  forward: Has<'outputs' | 'version', 'pass'>
  forwardBackward: Has<'loss' | 'version' | 'pass', 'losses'>
  backward: Has<'version' | 'pass'>
  zeroGradients: Has
  gradients: Has<'gradients' | 'version'>
  parameters: Has<'parameters' | 'version'>
  clip: Has<'norm'>
  step: Has<'gradientNorm' | 'updateNorm' | 'version'>
  update: Has<'updateNorm' | 'version'>
  assign: Has<'updateNorm' | 'version'>
  evaluate: Has<'loss' | 'metrics' | 'version'>
  save: Has<'name' | 'version'>
  load: Has<'name' | 'updateNorm' | 'version'>
  repeat: Has<'times' | 'results' | 'version', 'meanLoss'>
}
