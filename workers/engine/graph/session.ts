/** A graph loaded through the binding: named values go in, named values come out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Binding } from '../backends/native/binding.ts'
import { UntraceableError } from './trace.ts'

/** A value on its way into the graph. */
export type Feed = { name: string; type: number; shape: readonly number[]; values: Float32Array | Int32Array | Uint8Array }

type Values = Float32Array | Int32Array | Uint8Array

/**
 * Loads a SavedModel; the file it takes is gone again when this returns.
 * @throws UntraceableError if TensorFlow rejects the graph
 */
export const openSession = (binding: Binding, savedModel: Uint8Array) => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'trainyard-graph-'))
  let session: number
  try {
    writeFileSync(path.join(directory, 'saved_model.pb'), savedModel)
    session = binding.loadSavedModel(directory, 'serve')
  } catch (error) {
    throw new UntraceableError(error instanceof Error ? error.message : String(error))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }

  /** Runs the nodes named by `fetches` and what they need; returns their values in that order. */
  const run = (feeds: readonly Feed[], fetches: readonly string[]): Values[] => {
    const inputs = feeds.map(({ type, shape, values }) => binding.createTensor([...shape], type, values))
    try {
      const outputs = binding.runSavedModel(session, inputs, feeds.map(({ name }) => name).join(), fetches.join())
      return outputs.map(({ id }) => {
        const values = binding.tensorDataSync(id)
        binding.deleteTensor(id)
        return values
      })
    } finally {
      for (const id of inputs) binding.deleteTensor(id)
    }
  }

  const close = (): void => binding.deleteSavedModel(session)

  return { run, close }
}
export type Session = ReturnType<typeof openSession>
