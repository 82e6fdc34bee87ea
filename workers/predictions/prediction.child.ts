/** Entry of the child that predicts for whole datasets, one at a time. It is started with the first, and its backend is that of the training children. */
import { unpackFloats } from '../../src/numerics/unpack-floats.ts'
import { recoded } from '../dataset/recoded.ts'
import { createRowMaker } from '../dataset/row-maker.ts'
import { createBackendOps } from '../engine/backends/backend-ops.ts'
import { backendNames } from '../engine/backends/backends.ts'
import { loadBackend } from '../engine/backends/load-backend.ts'
import { serveParent } from '../rpc/serve.ts'
import { createTablePredictor, type TablePredictor } from './predict-table.ts'
import type { PredictedSource, PredictionMethods } from './protocol.ts'

const name = backendNames.find((known) => known === process.argv[2])
if (!name) throw new Error(`the backend must be one of ${backendNames.join(', ')}`)
const loaded = await loadBackend(name)
const ops = createBackendOps(loaded)

let open: { predictor: TablePredictor; rowsOf: RowMaker } | undefined

type RowMaker = (asked: PredictionMethods['predict']['argument']) => { table: Float32Array; width: number }

const rowMaker = (source: PredictedSource): RowMaker => {
  if (source.kind === 'upload')
    return (asked) => ({
      table: 'rows' in asked ? recoded(unpackFloats(asked.rows), source.width, source.recodes) : new Float32Array(),
      width: source.width,
    })
  const { width, make } = createRowMaker(source.spec)
  return (asked) => ({ table: 'from' in asked ? make(asked.from, asked.count) : new Float32Array(), width })
}

const opened = () => {
  if (!open) throw new Error('no prediction is open here')
  return open
}

const close = (): void => {
  open?.predictor.dispose()
  open = undefined
}

serveParent<PredictionMethods>({
  open: ({ plan, state, source, sums }) => {
    close()
    open = { predictor: createTablePredictor({ tf: loaded.tf, ops }, { plan, state }, sums), rowsOf: rowMaker(source) }
    return { epoch: state.epoch }
  },
  predict: (asked) => {
    const { predictor, rowsOf } = opened()
    const { table, width } = rowsOf(asked)
    const values = predictor.predict(table, width)
    return { values: bytesOf(values), sums: predictor.sums() }
  },
  finish: () => opened().predictor.result(),
  close: () => {
    close()
    return { rss: process.memoryUsage.rss() }
  },
})

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
