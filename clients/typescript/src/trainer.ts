/** Training by hand: a model that a program drives, operation by operation. */
import { TrainyardError } from './errors.ts'
import type { Tensor } from './files/safetensors.ts'
import { segment } from './http/query.ts'
import type { CallOptions, Transport } from './http/transport.ts'
import type { ResultsOf } from './operation-results.ts'
import { entriesOf, listOf, tensorsOf, type Values } from './trainer-tensors.ts'
import type {
  components,
  Dataset,
  OperationResult,
  RepeatableOperation,
  TrainerBatch,
  TrainerCheckpoint,
  TrainerData,
  TrainerOperation,
} from './types.ts'

export type RunOptions = {
  /** Gives the waiting up. The service may have done the request: run the same again, or `refresh`. */
  signal?: AbortSignal | undefined
  /** How long the service may hold one answer back, in seconds up to 60, before it is asked again; 60. */
  wait?: number | undefined
}

export type BatchesOptions = CallOptions & {
  /** From 1. */
  epoch: number
  /** Leaves out a last batch that is not full, for a trainer with `dropLast`. */
  dropLast?: boolean | undefined
}

/** The outputs of a model for a batch, and what `backward` needs to know of that pass; it has a number in training mode. */
export type Forward = { outputs: Tensor<Float32Array>; version: number; pass: number | undefined }

/**
 * Every method is one request, and `run` any number of operations in one: all of them happen or none. Requests are numbered, so one
 * whose answer was lost is asked for again and not done twice. They go out one after the other, also if they are not awaited.
 */
export class Trainer {
  readonly id: string
  readonly #transport: Transport
  #data: TrainerData
  #version: number
  #seq: number
  #queue: Promise<unknown> = Promise.resolve()

  constructor(transport: Transport, data: TrainerData) {
    this.#transport = transport
    this.id = data.id
    this.#data = data
    this.#version = data.version
    this.#seq = data.lastSeq
  }

  /** The trainer as the service wrote it when it was last asked for. */
  get data(): TrainerData {
    return this.#data
  }
  /** Updates of its parameters so far. */
  get version(): number {
    return this.#version
  }

  /** Asks how it is now, and goes on after the last request that was done. */
  refresh(options?: CallOptions): Promise<this> {
    return this.#inTurn(async () => this.#take(await this.#transport.json<TrainerData>('GET', this.#path(), options)))
  }

  /**
   * One result an operation, in order, of its type.
   * @throws ValidationError or ConflictError naming an operation, `/operations/3/…`; then none was done
   */
  run<Operations extends readonly TrainerOperation[] | readonly []>(
    operations: Operations,
    options: RunOptions = {},
  ): Promise<ResultsOf<Operations>> {
    return this.#inTurn(() => this.#runNext(operations, options)) as Promise<OperationResult[] & ResultsOf<Operations>>
  }

  /** The mini-batches of an epoch as a job with the same seed sees them. Their rows stay with the service. */
  async *batches(size: number, { epoch, dropLast = false, ...options }: BatchesOptions): AsyncGenerator<BatchOperation> {
    if (!(Number.isInteger(size) && size > 0)) throw new TypeError(`The size of a batch is a whole number from 1, and is ${size}`)
    const { dataset } = this.#data
    if (!dataset)
      throw new TrainyardError(`Trainer ${this.id} has no dataset${this.#data.status === 'closed' ? ' any more: it is closed' : ''}`)
    const { rows } = await this.#transport.json<Dataset>('GET', `/v1/datasets/${segment(dataset.id)}`, options)
    const count = dropLast ? Math.floor(rows / size) : Math.ceil(rows / size)
    for (let index = 0; index < count; index++) yield { type: 'batch', size, epoch, index }
  }

  /** A whole step of training: gradients of the loss, and the optimizer's update. Gives `loss`, `gradientNorm` and `updateNorm`. */
  async trainStep(
    batch: TrainerBatch,
    { learningRate, ...options }: RunOptions & { learningRate?: number } = {},
  ): Promise<OperationResult> {
    const step = { type: 'step', learningRate } as const
    const results: OperationResult[] = await this.run(
      [toBatch(batch), { type: 'zeroGradients' }, { type: 'forwardBackward' }, step],
      options,
    )
    return { ...resultAt(results, 2), ...resultAt(results, 3) }
  }

  /** The outputs for a batch; in `training`, the default, with dropout, and as a pass that `backward` can follow. */
  async forward(batch: TrainerBatch, { mode, ...options }: RunOptions & { mode?: 'training' | 'evaluation' } = {}): Promise<Forward> {
    const told = await this.#last([toBatch(batch), { type: 'forward', mode }], options)
    const { shape, values } = told.outputs ?? { shape: [], values: [] }
    return { outputs: { shape, values: Float32Array.from(values, Number) }, version: told.version ?? this.#version, pass: told.pass }
  }

  /** The loss of a batch, the trainer's or another for this time; its gradients are added to those that are there. */
  async forwardBackward(batch: TrainerBatch, { loss, ...options }: RunOptions & { loss?: OtherLoss } = {}): Promise<number> {
    return Number((await this.#last([toBatch(batch), { type: 'forwardBackward', loss }], options)).loss)
  }

  /**
   * Carries the gradient of a loss of your own, by each of the outputs of a forward in training mode, back through the model, and adds
   * to the gradients. @throws ConflictError if there was an update since
   */
  async backward({ outputs, version, pass }: Forward, outputGradients: Values, options?: RunOptions): Promise<void> {
    const gradients = { shape: outputs.shape, values: listOf(outputGradients) }
    await this.run([{ type: 'backward', outputGradients: gradients, ifVersion: version, pass }], options)
  }

  /** Forgets the gradients, which add up until then. */
  async zeroGradients(options?: RunOptions): Promise<void> {
    await this.run([{ type: 'zeroGradients' }], options)
  }

  /** The gradients, by parameter. */
  async gradients(names?: readonly string[], options?: RunOptions): Promise<Record<string, Tensor<Float32Array>>> {
    return tensorsOf((await this.#last([{ type: 'gradients', names: names && [...names] }], options)).gradients)
  }

  /** The parameters, by name. */
  async parameters(names?: readonly string[], options?: RunOptions): Promise<Record<string, Tensor<Float32Array>>> {
    return tensorsOf((await this.#last([{ type: 'parameters', names: names && [...names] }], options)).parameters)
  }

  /** Limits the gradients by their common norm, or each value; gives the norm before it. */
  async clip(limit: { norm: number } | { value: number }, options?: RunOptions): Promise<number> {
    return Number((await this.#last([{ type: 'clip', ...limit }], options)).norm)
  }

  /** The optimizer's update, of all parameters or of those that are named; gives its norms. */
  step({
    learningRate,
    names,
    ...options
  }: RunOptions & { learningRate?: number; names?: readonly string[] } = {}): Promise<OperationResult> {
    return this.#last([{ type: 'step', learningRate, names: names && [...names] }], options)
  }

  /** Adds to parameters: the update of an optimizer of your own. */
  async update(deltas: Readonly<Record<string, Values>>, options?: RunOptions): Promise<void> {
    await this.run([{ type: 'update', deltas: entriesOf(deltas) }], options)
  }

  /** Sets parameters. */
  async assign(values: Readonly<Record<string, Values>>, options?: RunOptions): Promise<void> {
    await this.run([{ type: 'assign', values: entriesOf(values) }], options)
  }

  /** `loss` and `metrics` in evaluation mode over the whole dataset, or over another: by its id, or as what is generated. */
  evaluate(
    metrics: Evaluated['metrics'] = [],
    { dataset, ...options }: RunOptions & { dataset?: string | Evaluated['dataset'] } = {},
  ): Promise<OperationResult> {
    return this.#last([{ type: 'evaluate', metrics, dataset: typeof dataset === 'string' ? { id: dataset } : dataset }], options)
  }

  /** Keeps parameters and optimizer under a name. */
  async save(name: string, options?: RunOptions): Promise<void> {
    await this.run([{ type: 'save', name }], options)
  }

  /** What was saved, by name. */
  async checkpoints(options?: CallOptions): Promise<TrainerCheckpoint[]> {
    return this.#inTurn(async () => (await this.#transport.json<Checkpoints>('GET', this.#path('/checkpoints'), options)).data)
  }

  /** Goes back to what was saved. */
  async load(name: string, options?: RunOptions): Promise<void> {
    await this.run([{ type: 'load', name }], options)
  }

  /** A loop on the server; a `batch` of a `size` alone takes the next one. Gives the last `results`, and `meanLoss`. */
  repeat(times: number, operations: readonly RepeatableOperation[], options?: RunOptions): Promise<OperationResult> {
    return this.#last([{ type: 'repeat', times, operations: [...operations] }], options)
  }

  /** Takes no requests any more; what it saved stays. */
  close(options?: CallOptions): Promise<this> {
    return this.#inTurn(async () => this.#take(await this.#transport.json<TrainerData>('POST', this.#path('/close'), options)))
  }

  /** Deletes it with all that it saved. */
  delete(options?: CallOptions): Promise<void> {
    return this.#inTurn(() => this.#transport.json('DELETE', this.#path(), options))
  }

  toJSON(): TrainerData {
    return this.#data
  }

  async #last(operations: readonly TrainerOperation[], options?: RunOptions): Promise<OperationResult> {
    return resultAt(await this.run(operations, options), operations.length - 1)
  }

  async #runNext(operations: readonly TrainerOperation[], { wait = maxWaitSeconds, signal }: RunOptions): Promise<OperationResult[]> {
    const seq = this.#seq + 1
    const request = { query: { wait }, signal, maxSilenceMs: this.#transport.timeoutMs + wait * 1000 }
    let answer = await this.#transport.json<Answer>('POST', this.#path('/operations'), { ...request, body: { seq, operations } })
    while (!('results' in answer)) answer = await this.#transport.json<Answer>('GET', this.#path(`/operations/${seq}`), request)
    this.#seq = seq
    this.#version = answer.version
    return answer.results
  }

  /** Starts once all that was asked for before has ended, however that was. */
  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => {})
    return done
  }

  #take(data: TrainerData): this {
    this.#data = data
    this.#version = data.version
    this.#seq = data.lastSeq
    return this
  }

  #path(rest = ''): string {
    return `/v1/trainers/${segment(this.id)}${rest}`
  }
}

const maxWaitSeconds = 60

type Schemas = components['schemas']
type Checkpoints = Schemas['TrainerCheckpoints']
type Answer = Schemas['PerformedOperations'] | Schemas['RunningOperations']
type BatchOperation = Schemas['TrainerOperationBatch']
type OtherLoss = Schemas['TrainerOperationForwardBackward']['loss']
type Evaluated = Schemas['TrainerOperationEvaluate']

const toBatch = (batch: TrainerBatch): BatchOperation => ({ ...batch, type: 'batch' })

const resultAt = (results: readonly OperationResult[], index: number): OperationResult => {
  const result = results[index]
  if (!result) throw new TrainyardError('The answer has fewer results than the request operations')
  return result
}
