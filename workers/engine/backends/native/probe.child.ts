/**
 * Entry of the probe's child process: loads native TensorFlow, trains one step and sends what it saw. Dying is an answer
 * too: the parent reads the signal.
 */
import process from 'node:process'
import { loadNative } from './load.ts'
import type { NativeBackendName, NativeCandidate } from './locate.ts'
import { proveTraining } from './proof.ts'

const [name, candidate] = process.argv.slice(2)
const started = performance.now()
try {
  const options = candidate ? { candidates: [JSON.parse(candidate) as NativeCandidate] } : {}
  const native = await loadNative(name as NativeBackendName, options)
  const milliseconds = performance.now() - started
  const losses = proveTraining(native.tf)
  process.send?.({ ok: true, device: native.device, version: native.version, candidate: native.candidate, milliseconds, ...losses })
} catch (error) {
  process.send?.({ ok: false, reason: error instanceof Error ? error.message : String(error) })
}
process.disconnect?.()
