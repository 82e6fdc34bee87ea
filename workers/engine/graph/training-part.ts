/** The part of a job's graph that trains: a loop over full batches, and the epoch's smaller last batch. */
import { must } from '../../../src/numerics/must.ts'
import type { Binding } from '../backends/native/binding.ts'
import type { Computation, ComputationSize, Shape } from './computation.ts'
import { type GraphDef, types } from './graph-def.ts'
import { inline } from './inline.ts'
import { sink } from './sink.ts'
import type { Trace } from './trace.ts'
import { addToSum, after, feedFloat64, fetchFloat64, gather, type Variable } from './variables.ts'
import { type Carried, loop, type Round, topLevel } from './while-loop.ts'

const { float32, float64, int32 } = types

type Parts = { graph: GraphDef; binding: Binding; computation: Computation; columns: Variable[]; state: Variable[]; results: Variable[] }

type Shared = { learningRate: string; firstStep: string; lossSum: string; axis: string }

/** What all training calls are fed. */
export const addSharedFeeds = (graph: GraphDef): Shared => ({
  learningRate: graph.placeholder('learning-rate', float32, []),
  firstStep: graph.placeholder('first-step', float32, []),
  lossSum: feedFloat64(graph, 'loss-sum'),
  axis: graph.int32('axis', 0),
})

/**
 * A chunk of full batches: feeds `steps/rows` `[count, batch]`, `steps/count`, `steps/noise-{i}` `[count, …]`.
 * Every full batch of a job passes this body, or the one of `addRounds`, which is this one several times: where chunks are cut changes no bit.
 */
export const addSteps = (parts: Parts, shared: Shared, step: Trace, batch: number): void => {
  const { graph, binding, computation, columns, state } = parts
  const { learningRate, firstStep, axis } = shared
  const prefix = 'steps'
  const indices = graph.placeholder(`${prefix}/rows`, int32, [-1, batch])
  const noise = computation.noise(batch).map((shape, position) => graph.placeholder(`${prefix}/noise-${position}`, float32, [-1, ...shape]))
  addLoop(parts, shared, prefix, step, (round, inside) => {
    const { outside, index, carried } = round
    const at = outside(axis, int32)
    const batchRows = gather(graph, `${prefix}/batch`, outside(indices, int32), index, at, int32)
    const rows = columns.map(({ name, read }) => gather(graph, `${prefix}/${name}`, outside(read(), float32), batchRows, at))
    const drawn = noise.map((each, position) => gather(graph, `${prefix}/draw-${position}`, outside(each, float32), index, at))
    const number = stepNumber(graph, prefix, index, outside(firstStep, float32))
    const before = carried.slice(0, state.length)
    const outputs = inline(round, binding, inside, [...before, ...rows, outside(learningRate, float32), number, ...drawn])
    return { outputs, sum: addToSum(graph, `${prefix}/loss`, carried.at(-1) as string, must(outputs, state.length)) }
  })
}

/**
 * Several full batches a round, of steps without random numbers: feeds `rounds/rows` `[count, unrolled, batch]` and `rounds/count`. A loop
 * costs each round some twenty operations of its own, which is as much as a small step.
 */
export const addRounds = (parts: Parts, shared: Shared, step: Trace, { batchSize, unrolled }: ComputationSize): void => {
  const { graph, binding, columns, state } = parts
  const { learningRate, firstStep, axis } = shared
  const prefix = 'rounds'
  const indices = graph.placeholder(`${prefix}/rows`, int32, [-1, unrolled, batchSize])
  addLoop(parts, shared, prefix, step, (round, inside) => {
    const { outside, index, carried } = round
    const at = outside(axis, int32)
    const roundRows = gather(graph, `${prefix}/batches`, outside(indices, int32), index, at, int32)
    const byBatch = columns.map(({ name, read }) =>
      unpack(graph, `${prefix}/${name}`, gather(graph, `${prefix}/${name}/all`, outside(read(), float32), roundRows, at), unrolled),
    )
    const before = graph.node(`${prefix}/before`, 'Mul', [index, outside(graph.int32(`${prefix}/unrolled`, unrolled), int32)], {
      T: { type: int32 },
    })
    let values = carried.slice(0, state.length)
    let sum = carried.at(-1) as string
    let outputs: string[] = []
    for (let made = 0; made < unrolled; made += 1) {
      const scope = { ...round, prefix: `${prefix}/${made}` }
      const ahead = outside(graph.int32(`${scope.prefix}/ahead`, made), int32)
      const done = graph.node(`${scope.prefix}/done`, 'AddV2', [before, ahead], { T: { type: int32 } })
      const number = stepNumber(graph, scope.prefix, done, outside(firstStep, float32))
      const rows = byBatch.map((each) => must(each, made))
      outputs = inline(scope, binding, inside, [...values, ...rows, outside(learningRate, float32), number])
      values = outputs.slice(0, state.length)
      // One after the other: TensorFlow would make one sum of all, in an order of its own.
      sum = addToSum(graph, `${scope.prefix}/loss`, sum, must(outputs, state.length), made > 0)
    }
    return { outputs, sum }
  })
}

/** The smaller batch at the epoch's end: feeds `last/rows` `[batch]` and `last/noise-{i}`. */
export const addLastStep = (parts: Parts, { learningRate, firstStep, lossSum, axis }: Shared, step: Trace, batch: number): void => {
  const { graph, binding, computation, columns, state } = parts
  const prefix = 'last'
  const indices = graph.placeholder(`${prefix}/rows`, int32, [batch])
  const noise = computation.noise(batch).map((shape, position) => graph.placeholder(`${prefix}/noise-${position}`, float32, shape))
  const rows = columns.map(({ name, read }) => gather(graph, `${prefix}/${name}`, read(), indices, axis))
  const inputs = [...state.map(({ read }) => read()), ...rows, learningRate, firstStep, ...noise]
  const outputs = inline(topLevel(graph, prefix), binding, step, inputs)
  const sum = addToSum(graph, `${prefix}/loss`, lossSum, must(outputs, state.length))
  finish(parts, prefix, [...outputs.slice(0, state.length), ...outputs.slice(state.length + 1)], sum)
}

type Body = (round: Round, inside: Trace) => { outputs: string[]; sum: string }

/** A loop of `{prefix}/count` rounds; `body` gives the outputs of its last step, and the sum of losses after it. */
const addLoop = (parts: Parts, { lossSum }: Shared, prefix: string, step: Trace, body: Body): void => {
  const { graph, binding, computation, state, results } = parts
  const { inside, afterLoop, results: sources } = sink(step, state.length + 1)
  const kept = results.filter((_, position) => sources[position]?.from === 'inside')
  const count = graph.placeholder(`${prefix}/count`, int32, [])
  const carried: Carried[] = [
    ...state.map(({ name, read }) => ({ name, type: float32, initial: read() })),
    ...kept.map((variable) => ({
      name: variable.name,
      type: float32,
      initial: zerosOf(graph, `${prefix}/no-${variable.name}`, computation.results[results.indexOf(variable)] as Shape),
    })),
    { name: 'loss-sum', type: float64, initial: lossSum },
  ]
  const finals = loop(graph, prefix, count, carried, (round) => {
    const { outputs, sum } = body(round, inside)
    return [...outputs.slice(0, state.length), ...outputs.slice(state.length + 1), sum]
  })
  const carriedOut = finals.slice(0, -1)
  const computed = inline(topLevel(graph, `${prefix}/after`), binding, afterLoop, carriedOut)
  const resultNodes = sources.map(
    ({ from, position }) => (from === 'inside' ? carriedOut[state.length + position] : computed[position]) as string,
  )
  finish(parts, prefix, [...carriedOut.slice(0, state.length), ...resultNodes], finals.at(-1) as string)
}

/** The number of a step over the whole job, from those that this call made before it. */
const stepNumber = (graph: GraphDef, prefix: string, done: string, firstStep: string): string =>
  graph.node(
    `${prefix}/step`,
    'AddV2',
    [graph.node(`${prefix}/done-steps`, 'Cast', [done], { SrcT: { type: int32 }, DstT: { type: float32 } }), firstStep],
    { T: { type: float32 } },
  )

const unpack = (graph: GraphDef, name: string, value: string, count: number): string[] => {
  const node = graph.node(name, 'Unpack', [value], { T: { type: float32 }, num: { integer: count }, axis: { integer: 0 } })
  return Array.from({ length: count }, (_, position) => (position === 0 ? node : `${node}:${position}`))
}

const zerosOf = (graph: GraphDef, name: string, shape: Shape): string => {
  const dims = graph.constant(`${name}/shape`, int32, [shape.length], Int32Array.from(shape))
  const zero = graph.constant(`${name}/zero`, float32, [], Float32Array.of(0))
  return graph.node(name, 'Fill', [dims, zero], { T: { type: float32 }, index_type: { type: int32 } })
}

/** Writes back what a chunk of steps leaves; the sum of losses comes out, as `{prefix}/loss-sum`, when all is written. */
const finish = ({ graph, state, results }: Parts, prefix: string, outputs: readonly string[], sum: string): void => {
  const variables = [...state, ...results]
  const effects = variables.map((variable, position) =>
    variable.assign(graph.node(`${prefix}/final/${variable.name}`, 'Identity', [must(outputs, position)], { T: { type: float32 } })),
  )
  fetchFloat64(graph, `${prefix}/loss-sum`, after(graph, `${prefix}/done`, sum, float64, effects))
}
