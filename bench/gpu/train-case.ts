/** A case on an engine's process. */
import path from 'node:path'
import { type Side, startSide } from '../side.ts'
import type { Case, Numbers } from './cases.ts'

/** Seconds of each round, numbers of the first, and whether all rounds gave the same bits. */
export type Trained = { seconds: number[]; numbers: Numbers; repeats: boolean }

/** Starts a backend in a process of its own. @throws Error with what it printed, if it does not load */
export const startEngine = (backend: string, environment: Record<string, string> = {}): Promise<Side> =>
  startSide(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'engine.child.ts'), backend], environment)

/** @throws Error with what the process printed, if it ends instead */
export const trainCase = async (engine: Side, { folder, rounds }: Case): Promise<Trained> => {
  const answer = await engine.ask(JSON.stringify({ folder, rounds }))
  const { seconds, numbers, repeats } = answer as { seconds: number[]; numbers: Record<string, number | string | null>; repeats: boolean }
  const decoded = Object.entries(numbers).map(([key, value]) => [key, typeof value === 'number' ? [value] : floats(value)] as const)
  return { seconds, numbers: new Map(decoded), repeats }
}

/** JSON has no NaN: a number that is none came as null, and is missing. */
const floats = (base64: string | null): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(base64 ?? '', 'base64')).buffer)
