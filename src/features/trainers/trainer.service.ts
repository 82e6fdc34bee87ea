/** Trainers: training that a client drives by hand. */
import { createHash } from 'node:crypto'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import type { CreateTrainer, TrainerResource } from '../../api/trainer.schema.ts'
import { trainerLimits } from '../../api/trainer-limits.ts'
import type { PerformRequest } from '../../api/trainer-operations.schema.ts'
import { JsonText, toJsonText } from '../../api/write-json.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import { channels } from '../../contracts/queue.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { normOf } from '../../numerics/statistics.ts'
import type { Notifications, Watch } from '../../platform/db/notifications.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import { toBytes, type WeightTensor } from '../weights/weight-tensor.ts'
import { inKeyOrder } from './in-key-order.ts'
import type { TrainerRepository } from './trainer.repository.ts'
import { type ShownTrainer, type StoredOperation, toTrainerResource, toTrainerRow } from './trainer.ts'
import type { TrainerPreparation } from './trainer-preparation.ts'

export type TrainerCollaborators = {
  trainers: TrainerRepository
  preparation: TrainerPreparation
  notifications: Pick<Notifications, 'watch'>
  newId: NewId
  /** Whether a worker opens trainers here. */
  haveTrainers: () => Promise<boolean>
  /** How long the state of a trainer may take to be kept. */
  stateTimeoutMs?: number
}
type Waiting = { waitSeconds: number; signal?: AbortSignal }

/** A request's answer as JSON, or null while it is being done. */
export type OperationsAnswer = JsonText | null

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed. */
const rereadMs = 2500

export const createTrainerService = ({
  trainers,
  preparation: { prepare },
  notifications,
  newId,
  haveTrainers,
  stateTimeoutMs = 10_000,
}: TrainerCollaborators) => {
  /** @throws Problem TRAINERS_DISABLED */
  const requireTrainers = async (): Promise<void> => {
    if (!(await haveTrainers())) throw new Problem('TRAINERS_DISABLED', 'All workers run with TRAINER_WORKERS=0: nobody opens a trainer')
  }

  /** @throws Problem VALIDATION_FAILED with every validation error, CONFLICT if the tenant has as many as there may be, TRAINERS_DISABLED */
  const create = async (tenant: string, request: CreateTrainer, onStored?: OnStored): Promise<TrainerResource> => {
    await requireTrainers()
    const { trainer, newDataset } = await prepare(tenant, request)
    const id = newId('trn')
    await onStored?.ready()
    const stored = await trainers.insert({ ...trainer, id, tenant }, newDataset, onStored)
    if (stored === 'full') throw new Problem('CONFLICT', `${trainerLimits.live} trainers are open already: close one, or delete it`)
    if (!stored) throw new Problem('CONFLICT', `Dataset ${trainer.datasetId} was deleted meanwhile`)
    return get(tenant, id)
  }

  const get = async (tenant: string, id: string): Promise<TrainerResource> => toTrainerResource(await require(tenant, id))

  /** What it saved, by name. */
  const checkpoints = async (tenant: string, id: string): Promise<TrainerResource['checkpoints']> => (await get(tenant, id)).checkpoints

  const list = async (tenant: string, request: PageRequest): Promise<Page<Omit<TrainerResource, 'checkpoints'>>> => {
    const page = toPage(await trainers.list(tenant, request))
    return { ...page, data: page.data.map(toTrainerRow) }
  }

  /**
   * Does the operations of a request, once however often it is sent; null if they take longer than the wait.
   * @throws Problem TRAINERS_DISABLED, NOT_FOUND, CONFLICT if it is not the request's turn or another had its number, VALIDATION_FAILED naming operations
   */
  const perform = async (tenant: string, id: string, { seq, operations }: PerformRequest, waiting: Waiting): Promise<OperationsAnswer> => {
    const request = await toJsonText(inKeyOrder(operations))
    const hash = hashOf(request)
    const watch = notifications.watch(channels.trainer, id)
    try {
      await requireTrainers()
      const isNew = await trainers.ask(tenant, id, { seq, hash, request })
      // Earlier versions took the hash of the operations as they had come.
      if (!isNew) await requireKnown(tenant, id, seq, [hash, hashOf(await toJsonText(operations))])
      return await awaitAnswer(tenant, id, seq, watch, { ...waiting, isNew })
    } finally {
      watch.close()
    }
  }

  /** The answer to an earlier request, or null while it is being done. @throws Problem NOT_FOUND, and what the request met */
  const answerOf = async (tenant: string, id: string, seq: number, waiting: Waiting): Promise<OperationsAnswer> => {
    await require(tenant, id)
    const watch = notifications.watch(channels.trainer, id)
    try {
      return await awaitAnswer(tenant, id, seq, watch, waiting)
    } finally {
      watch.close()
    }
  }

  const awaitAnswer = async (
    tenant: string,
    id: string,
    seq: number,
    watch: Watch,
    { waitSeconds, signal, isNew }: Waiting & { isNew?: boolean },
  ): Promise<OperationsAnswer> => {
    const deadline = Date.now() + 1000 * waitSeconds
    // It was asked for a moment ago: nobody has answered yet.
    if (isNew && waitSeconds > 0) await watch.next({ timeoutMs: Math.min(1000 * waitSeconds, rereadMs), signal })
    for (;;) {
      const found = await trainers.operation(tenant, id, seq)
      if (!found) throw await whyMissing(tenant, id, seq)
      if (found.response !== null) return answerFrom(found)
      await requireTrainers()
      const left = deadline - Date.now()
      if (left <= 0 || signal?.aborted) return null
      await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
    }
  }

  /** Says why a request is not taken, unless it is the same as the one that had its number. */
  const requireKnown = async (tenant: string, id: string, seq: number, hashes: Uint8Array[]): Promise<void> => {
    const { status, lastSeq } = await require(tenant, id)
    const found = await trainers.operation(tenant, id, seq)
    if (found && hashes.some((hash) => Buffer.from(found.hash).equals(hash))) return
    if (status === 'closed') throw new Problem('CONFLICT', `Trainer ${id} is closed`)
    const expected = lastSeq + 1
    if (found && !found.failed)
      throw wrongSeq(
        seq,
        `${seq} was another request; the next is ${found.response === null ? `${seq + 1}, once that one is done` : expected}`,
      )
    throw wrongSeq(
      seq,
      seq > lastSeq
        ? `must be ${expected}, the one after the last that was done`
        : `must be ${expected}: the answer to ${seq} is no longer kept`,
    )
  }

  const whyMissing = async (tenant: string, id: string, seq: number): Promise<Problem> => {
    const { status } = await require(tenant, id)
    if (status === 'closed') return new Problem('CONFLICT', `Trainer ${id} is closed`)
    return new Problem('NOT_FOUND', `Trainer ${id} has no request ${seq}, or its answer is no longer kept`)
  }

  /** Parameters and running statistics as they are now. @throws Problem ENGINE_TIMEOUT if no worker tells them in time */
  const parameters = async (tenant: string, id: string, signal?: AbortSignal): Promise<{ version: number; tensors: WeightTensor[] }> => {
    await require(tenant, id)
    const watch = notifications.watch(channels.trainer, id)
    const deadline = Date.now() + stateTimeoutMs
    try {
      for (let again = false; ; again = true) {
        const state = await trainers.wantState(tenant, id, { again })
        if (state) return { version: state.version, tensors: tensorsOf(state) }
        requireOpenable(await require(tenant, id))
        await requireTrainers()
        const left = deadline - Date.now()
        if (left <= 0 || signal?.aborted) throw new Problem('ENGINE_TIMEOUT')
        await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
      }
    } finally {
      watch.close()
    }
  }

  const close = async (tenant: string, id: string, onStored?: OnStored): Promise<TrainerResource> => {
    await onStored?.ready()
    const isClosed = await trainers.close(tenant, id, onStored)
    const trainer = await require(tenant, id)
    if (!isClosed) throw new Problem('CONFLICT', `Trainer ${id} is closed already`)
    return toTrainerResource(trainer)
  }

  const remove = async (tenant: string, id: string): Promise<void> => {
    if (!(await trainers.remove(tenant, id))) throw notFound(id)
  }

  const require = async (tenant: string, id: string): Promise<ShownTrainer> => {
    const found = await trainers.find(tenant, id)
    if (!found) throw notFound(id)
    return found
  }

  return { create, get, checkpoints, list, perform, answerOf, parameters, close, remove }
}

export type TrainerService = ReturnType<typeof createTrainerService>

const hashOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(createHash('sha256').update(text).digest())

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no trainer ${id}`)

/** @throws Problem CONFLICT if its state is never kept */
const requireOpenable = ({ id, status, error }: ShownTrainer): void => {
  if (status === 'closed') throw new Problem('CONFLICT', `Trainer ${id} was closed before its parameters were kept`)
  if (error) throw new Problem('CONFLICT', error.message)
}

const wrongSeq = (seq: number, message: string): Problem =>
  new Problem('CONFLICT', `seq ${message}`, [{ path: '/seq', code: 'conflict', message, value: seq }])

/** @throws Problem that the request met */
const answerFrom = ({ response, failed }: StoredOperation): JsonText => {
  const text = response ?? ''
  if (!failed) return new JsonText(text)
  const { code, detail, errors } = JSON.parse(text) as { code: Problem['code']; detail: string; errors: ValidationError[] }
  throw new Problem(code, detail, errors)
}

const tensorsOf = ({ layout, values }: { layout: { name: string; shape: number[] }[]; values: Float32Array }): WeightTensor[] => {
  let from = 0
  return layout.flatMap(({ name, shape }) => {
    const own = values.subarray(from, from + sizeOf(shape))
    from += own.length
    // Slots and gradients have a prefix.
    return name.includes('/') ? [] : [{ name, shape, dtype: 'F32' as const, norm: normOf(own), read: async () => toBytes(own) }]
  })
}
