/** Entry of the thread that reads large JSON bodies: it parses, checks and packs them, so that the process's own thread serves others meanwhile. */
import { parentPort } from 'node:worker_threads'
import { createApiChecks } from '../../api/checks.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { fileRequest } from '../../features/datasets/formats/json/file-request.ts'
import { json } from '../../features/datasets/formats/json.ts'
import { transferred } from '../../features/datasets/table/intake-sessions.ts'
import type { Check } from '../../validation/validate.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import type { BodyOutcome, BodyTask, PlainProblem } from './body-outcome.ts'
import { parseJson } from './parse-json.ts'
import { typeValues } from './typed-values.ts'

const tables = 'CreateDataset#'
/** A sweep's jobs each keep a config of their own, so there is less room in one; other requests hold one tensor more or less as it is. */
const sweepLimits = { max: 20_000, typed: false }
const otherLimits = { max: 250_000, typed: true }
/** Rows to predict are many small lists; what a body may hold of them takes the receiving thread some tenths of a second. */
const predictionLimits = { max: 2_500_000, typed: true }
const limitsOf = (schema: BodyTask['schema']) =>
  schema?.$ref === 'CreateSweep#' ? sweepLimits : schema?.$ref === 'Predict#' ? predictionLimits : otherLimits
const compile = createApiChecks()
const checks = new Map<string | undefined, Check>()

const checkOf = (schema: NonNullable<BodyTask['schema']>): Check => {
  const known = checks.get(schema.$ref) ?? compile(schema)
  checks.set(schema.$ref, known)
  return known
}

const read = ({ pieces, schema, said }: BodyTask): { outcome: BodyOutcome; buffers: ArrayBuffer[] } => {
  let value: unknown
  try {
    value = parseJson(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces))
  } catch (error) {
    return { outcome: { unreadable: plain(error) }, buffers: [] }
  }
  try {
    if (schema?.$ref === tables) {
      const upload = json.read(said ? fileRequest(value, said) : value)
      return { outcome: { upload }, buffers: 'parts' in upload ? transferred({ step: 'parts', parts: upload.parts }) : [] }
    }
    const errors = createErrorList()
    if (schema) errors.addAll(checkOf(schema)(value))
    errors.throwIfAny()
    const typed = typeValues(value, limitsOf(schema))
    if ('error' in typed) throw new Problem('VALIDATION_FAILED', undefined, [typed.error])
    return { outcome: { value: schema ? value : undefined }, buffers: typed.buffers }
  } catch (error) {
    return { outcome: { invalid: plain(error) }, buffers: [] }
  }
}

const plain = (error: unknown): PlainProblem => {
  if (!(error instanceof Problem)) throw error
  return { code: error.code, detail: error.message, errors: error.errors }
}

parentPort?.on('message', (task: BodyTask) => {
  const { outcome, buffers } = read(task)
  parentPort?.postMessage(outcome, buffers)
})
