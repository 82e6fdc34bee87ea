/** How training children are started, and the first of them, which also tells whether native TensorFlow works here: loading it costs a second of CPU time. */
import { availableParallelism } from 'node:os'
import { extname, join } from 'node:path'
import { blobChunkBytes as defaultChunkBytes } from '../../src/features/jobs/blob.repository.ts'
import { type BackendName, type BackendReport, type BackendSetting, probeBackends } from '../engine/backends/backends.ts'
import { cudaDevices, sharedCores } from '../engine/backends/native/environment.ts'
import { candidatesFor } from '../engine/backends/native/locate.ts'
import { type Child, ChildFailure, type ChildOptions, startChild } from '../rpc/child-host.ts'
import type { TrainingMethods } from './protocol.ts'

/** Bytes of tables that a training process keeps from job to job; less where it may hold little: what is kept counts as held. */
const keptTableBytes = 256 * 2 ** 20
const keptShare = 1 / 16

export type TrainingChildrenOptions = {
  /** Jobs trained at a time, each in a child of its own. */
  slots: number
  /** Environment of the children. */
  env: NodeJS.ProcessEnv
  /** Resident bytes that a training process may hold; undefined: as many as there are. */
  jobMemory?: number
  /** Bytes above which values are stored in chunks; the repository's unless given. */
  blobChunkBytes?: number
}

/** What starts the child of a slot on a backend. */
export const trainingChildren = ({
  slots,
  env,
  jobMemory = Number.POSITIVE_INFINITY,
  blobChunkBytes = defaultChunkBytes,
}: TrainingChildrenOptions) => {
  const devices = cudaDevices(env)
  const keptBytes = Math.floor(Math.min(keptTableBytes, jobMemory * keptShare))
  const entry = join(import.meta.dirname, `training.child${extname(import.meta.filename)}`)
  const optionsOf = (backend: BackendName): Pick<ChildOptions, 'entry' | 'args'> => ({
    entry,
    args: [backend, String(blobChunkBytes), String(keptBytes)],
  })
  /** Beside others on the same processor. */
  const cpuEnv = { ...sharedCores(slots, availableParallelism()), ...env }
  return {
    optionsOf,
    cpuEnv,
    // One CUDA device per child: TensorFlow would take them all. More children than devices share them.
    gpuEnv: (slot: number): NodeJS.ProcessEnv => ({ ...env, CUDA_VISIBLE_DEVICES: devices[slot % devices.length] }),
  }
}

/** What came of trying the backends, and the child that the best one was tried in, if it is one to train in. */
export type FirstChild = { reports: BackendReport[]; child: Child<TrainingMethods> | undefined }

/** Tries the backends that a setting allows as `probeBackends` does, but TensorFlow on the CPU in a child that then trains. */
export const startFirstChild = async (setting: BackendSetting, options: TrainingChildrenOptions): Promise<FirstChild> => {
  const { optionsOf, cpuEnv } = trainingChildren(options)
  let child: Child<TrainingMethods> | undefined
  const tryTraining = async (): Promise<BackendReport> => {
    const started = startChild<TrainingMethods>({ ...optionsOf('tensorflow'), env: cpuEnv })
    try {
      await started.ready()
      const seen = await started.call('prove', null)
      child = started
      return { name: 'tensorflow', ok: true, ...seen }
    } catch (error) {
      await started.kill()
      return { name: 'tensorflow', ok: false, reason: reasonOf(error as Error, started.lastWords()) }
    }
  }
  const reports = await probeBackends(setting, (name) =>
    name === 'tensorflow' && candidatesFor(name).length > 0 ? tryTraining() : undefined,
  )
  return { reports, child }
}

/** What a child died of: what it threw, or else what it said last. */
const reasonOf = (error: Error, lastWords: string): string => {
  if (error instanceof ChildFailure) return error.message
  const thrown = /^\w*Error: (.+)$/m.exec(lastWords)?.[1]
  return thrown ?? [error.message, lastWords.trim().split('\n').at(-1)].filter(Boolean).join(': ')
}
