/** Tells whether it was want of memory that ended a job. */
import { mebibytes } from '../../src/contracts/mebibytes.ts'
import type { ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { MemoryWatch } from './memory-watch.ts'

/** What TensorFlow, WebAssembly, V8 and C++ say when there is none left. */
const saysSo =
  /allocation failed|out of memory|\bOOM\b|resource exhausted|RESOURCE_EXHAUSTED|memory access out of bounds|cannot enlarge memory|bad_alloc|Invalid (typed )?array( buffer)? length/i

/** Whether an error, or what a process said last, speaks of want of memory. */
export const saysOutOfMemory = (text: string): boolean => saysSo.test(text)

const advice = 'fewer rows, a smaller model or a smaller batchSize may fit'

/** A call that failed in a child that lives. */
export const failedForMemory = ({ message }: Pick<ChildFailure, 'message'>): string | null =>
  saysSo.test(message) ? `Training needs more memory than the worker has; ${advice}.` : null

/** A child that is gone. Null if nothing speaks for want of memory: then it crashed, and is tried again. */
export const diedForMemory = (
  { signal, wasKilled, lastWords }: Pick<ChildGone, 'signal' | 'wasKilled' | 'lastWords'>,
  memory: Pick<MemoryWatch, 'over' | 'kernelKilled'>,
  limitBytes: number | undefined,
): string | null => {
  const over = memory.over()
  if (over !== undefined && limitBytes !== undefined)
    return `Training held ${mebibytes(over)} MiB; JOB_MEMORY_MIB of the worker allows ${mebibytes(limitBytes)} MiB: ${advice}.`
  if (wasKilled) return null
  if (signal === 'SIGKILL' && memory.kernelKilled())
    return `The machine of the worker ran out of memory, and its kernel ended the training; ${advice}.`
  return saysSo.test(lastWords) ? `Training ran out of memory; ${advice}.` : null
}
