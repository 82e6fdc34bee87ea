/** The rows of any dataset in order, as training reads them: those of an upload from its chunks, those of a spec as they are made. */
import { unpackFloats } from '../../numerics/unpack-floats.ts'
import type { ChunkRepository } from './chunk.repository.ts'
import type { Dataset } from './dataset.ts'
import type { GeneratorAnswer, GeneratorRequest } from './synthetic.ts'

/** Values that are made at a time. */
const sliceCells = 100_000

/** What rows are read of. */
export type ReadTable = Pick<Dataset, 'id' | 'spec' | 'rows'> & { columns: readonly unknown[] }

type Collaborators = {
  chunks: Pick<ChunkRepository, 'stream'>
  /** Makes rows of synthetic tables elsewhere than on the event loop. */
  generator: { ask: (question: GeneratorRequest) => Promise<GeneratorAnswer> }
}

export const createRowReader = ({ chunks, generator }: Collaborators) => {
  /** Whole rows of float32 columns, about 1 MiB at a time. */
  async function* rows({ id, spec, rows: count, columns }: ReadTable): AsyncGenerator<Float32Array> {
    if (!spec) {
      for await (const bytes of chunks.stream(id)) yield unpackFloats(bytes)
      return
    }
    const size = Math.max(1, Math.floor(sliceCells / columns.length))
    for (let from = 0; from < count; from += size) {
      const positions = Array.from({ length: Math.min(size, count - from) }, (_, at) => from + at)
      const answer = await generator.ask({ spec, positions })
      if ('rows' in answer) yield answer.rows
    }
  }

  return { rows }
}

export type RowReader = ReturnType<typeof createRowReader>
