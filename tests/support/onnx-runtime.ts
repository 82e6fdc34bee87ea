/** ONNX Runtime as WebAssembly, fetched once by npm and kept in `.cache`: with all its variants the package is 140 MB, which no clone should have to install. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const version = '1.30.0'
const folder = resolve(import.meta.dirname, '../../.cache/onnxruntime-web', version)
/** The files of the package that are needed, with their SHA-256. */
const files = {
  'ort.wasm.bundle.min.mjs': '11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90',
  'ort-wasm-simd-threaded.mjs': 'e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b',
  'ort-wasm-simd-threaded.wasm': '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
}

export type OnnxTensor = { data: Float32Array; dims: readonly number[] }
export type OnnxSession = {
  inputNames: readonly string[]
  outputNames: readonly string[]
  run: (inputs: Record<string, OnnxTensor>) => Promise<Record<string, OnnxTensor>>
}
/** What the tests use of the package. */
export type OnnxRuntime = {
  env: { wasm: { numThreads?: number } }
  InferenceSession: { create: (model: Uint8Array) => Promise<OnnxSession> }
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor
}

/** The runtime, or why this machine cannot have it. @throws Error if a file is not the one that is listed */
export const loadOnnxRuntime = async (): Promise<OnnxRuntime | { reason: string }> => {
  const failure = existsSync(folder) ? undefined : await fetchPackage()
  if (failure !== undefined) return { reason: failure }
  for (const [file, expected] of Object.entries(files)) {
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex')
    if (sha256 !== expected) throw new Error(`${join(folder, file)} is not the file that is listed: its SHA-256 is ${sha256}`)
  }
  const runtime: OnnxRuntime = await import(pathToFileURL(join(folder, 'ort.wasm.bundle.min.mjs')).href)
  runtime.env.wasm.numThreads = 1
  return runtime
}

const fetchPackage = async (): Promise<string | undefined> => {
  const work = await mkdtemp(join(tmpdir(), 'trainyard-onnx-'))
  try {
    const options = ['--pack-destination', work, '--fetch-retries=1', '--fetch-timeout=30000', '--silent']
    const { stdout } = await run('npm', ['pack', `onnxruntime-web@${version}`, ...options], { cwd: work, timeout: 120_000 })
    const wanted = Object.keys(files).map((file) => `package/dist/${file}`)
    await run('tar', ['-xzf', join(work, stdout.trim()), ...wanted], { cwd: work })
    await mkdir(dirname(folder), { recursive: true })
    await rename(join(work, 'package/dist'), folder).catch(() => run('cp', ['-r', join(work, 'package/dist'), folder]))
    return undefined
  } catch (error) {
    return `onnxruntime-web could not be fetched: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
