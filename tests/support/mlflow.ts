/** A real MLflow tracking server for tests: the `mlflow` of the environment variable MLFLOW, or the one on the PATH. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const program = process.env.MLFLOW || 'mlflow'
/** Python and its libraries take their time on a crowded machine. */
const startMs = 120_000

export type MlflowServer = Awaited<ReturnType<typeof openMlflow>>

/** Why there is none, in words for a skipped test; false if there is one. */
export const whyNoMlflow = async (): Promise<string | false> => {
  try {
    await promisify(execFile)(program, ['--version'])
    return false
  } catch {
    return 'MLflow is needed (pip install mlflow): on the PATH, or named by MLFLOW'
  }
}

/** Starts one with a store of its own; it can be stopped and started again. */
export const openMlflow = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-'))
  const port = await freePort()
  const uri = `http://127.0.0.1:${port}`
  let server: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
    const stores = ['--backend-store-uri', `sqlite:///${join(folder, 'runs.db')}`, '--artifacts-destination', join(folder, 'artifacts')]
    server = spawn(program, [...args, ...stores], { cwd: folder, detached: true, stdio: 'ignore' })
    for (const end = Date.now() + startMs; ; await sleep(200)) {
      const answer = await fetch(`${uri}/version`).catch(() => null)
      if (answer?.ok) return
      if (server.exitCode !== null || Date.now() > end) throw new Error('mlflow does not start')
    }
  }

  const stop = async (): Promise<void> => {
    if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return
    const over = once(server, 'exit')
    // Its processes with it.
    process.kill(-server.pid, 'SIGKILL')
    await over
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  const ask = async (path: string, body?: object): Promise<any> => {
    const init = body ? { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
    const answer = await fetch(`${uri}/${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${text}`)
    return text.startsWith('{') ? JSON.parse(text) : text
  }

  /** What the model of a run gives for examples, as MLflow's `pyfunc` loads it; null if it lacks the packages to load ONNX with. */
  const predict = async (runId: string, inputs: unknown): Promise<{ predictions: number[][] } | null> => {
    const input = join(folder, 'inputs.json')
    await writeFile(input, JSON.stringify({ inputs }))
    const args = ['models', 'predict', '--env-manager', 'local', '-m', `runs:/${runId}/model`, '-t', 'json', '-i', input]
    try {
      const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, MLFLOW_TRACKING_URI: uri } })
      return JSON.parse(stdout).predictions
    } catch (error) {
      if (error instanceof Error && /No module named 'onnx/.test(error.message)) return null
      throw error
    }
  }

  const close = async (): Promise<void> => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }

  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return { uri, start, stop, ask, predict, close }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
