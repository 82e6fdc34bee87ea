/**
 * Which backend of TensorFlow.js executes the maths. The rule is fixed: the best that loads, in this order, unless
 * TRAINING_BACKEND names one. Native libraries are tried in a child process, since a bad one takes its process down.
 */
import { createRequire } from 'node:module'
import type { EngineDescription } from '../../../src/contracts/engine.ts'
import { probeNative } from './native/probe.ts'

/** Spelled as in TRAINING_BACKEND. */
export type BackendName = EngineDescription['backend']

/** Best first. */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] as const satisfies readonly BackendName[]

/** What was found out about one backend. */
export type BackendReport =
  | { name: BackendName; ok: true; device: 'cpu' | 'gpu'; version: string }
  | { name: BackendName; ok: false; reason: string }

/** What TRAINING_BACKEND may say. */
export type BackendSetting = BackendName | 'auto'

/**
 * Tries the backends that a setting allows, best first, up to the first that loads: the reports before it say why it is
 * not a better one. Takes as long as native TensorFlow takes to load, which is seconds. `tryOtherwise` tries a backend in
 * another way than in a process for that alone.
 */
export const probeBackends = async (
  setting: BackendSetting,
  tryOtherwise: (name: BackendName) => Promise<BackendReport> | undefined = () => undefined,
): Promise<BackendReport[]> => {
  const reports: BackendReport[] = []
  for (const name of setting === 'auto' ? backendNames : [setting]) {
    const report = await (tryOtherwise(name) ?? probe(name))
    reports.push(report)
    if (report.ok) break
  }
  return reports
}

/**
 * The backend that a worker trains on.
 * @throws Error naming the reasons if none of the allowed backends loads
 */
export const chooseBackend = (reports: readonly BackendReport[]): Extract<BackendReport, { ok: true }> => {
  for (const report of reports) if (report.ok) return report
  const reasons = reports.map((report) => (report.ok ? '' : `${report.name}: ${report.reason}`))
  throw new Error(`no training backend loads: ${reasons.join('; ')}`)
}

const libraryVersion = (): string => (createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json') as { version: string }).version

const probe = async (name: BackendName): Promise<BackendReport> => {
  if (name === 'tensorflow-gpu' || name === 'tensorflow') {
    const report = await probeNative(name)
    return report.ok ? { name, ok: true, device: report.device, version: report.version } : { name, ok: false, reason: report.reason }
  }
  return { name, ok: true, device: 'cpu', version: libraryVersion() }
}
