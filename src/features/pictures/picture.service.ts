/** Pictures of how jobs went: what is stored now, drawn for each request. */
import { maxPictured, type PictureFormat } from '../../api/picture.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import { must } from '../../numerics/must.ts'
import type { CurvesService } from '../jobs/curves.service.ts'
import { drawCurves, type PictureOptions } from './curve-picture.ts'
import type { ToPng } from './png-queue.ts'

/** What is to be drawn. */
export type PictureQuery = Omit<PictureOptions, 'title' | 'nothing'> & { format: PictureFormat }

type Collaborators = { curves: Pick<CurvesService, 'find' | 'readOne'>; toPng: ToPng }

export const createPictureService = ({ curves, toPng }: Collaborators) => {
  /**
   * What a picture shows: `version` is another text whenever it may have changed, `final` says that it will not, and `draw`
   * gives the SVG or the bytes of the PNG, or throws the Problem UNAVAILABLE if there is no making one now.
   * @throws Problem NOT_FOUND naming every job that is not there, VALIDATION_FAILED if there are too many
   */
  const open = async (tenant: string, id: string, others: readonly string[], query: PictureQuery) => {
    const ids = [...new Set([id, ...others])]
    if (ids.length > maxPictured) throw tooMany()
    const found = await curves.find(tenant, ids, { pathOf: (_, at) => (at === 0 ? ['id'] : ['job', others.indexOf(must(ids, at))]) })
    const labels = found.map(({ id, metadata }) => (typeof metadata.name === 'string' && metadata.name.trim() ? metadata.name : id))
    const draw = async (): Promise<string | Uint8Array> => {
      const pictured = []
      for (const [at, { id }] of found.entries())
        pictured.push({ label: must(labels, at), ...(await curves.readOne(id, query.metric, Math.min(query.width, maxPoints))) })
      const nothing = found.some(({ epoch }) => epoch > 0) ? `no ${query.metric} was measured` : 'no epochs yet'
      const svg = drawCurves(pictured, { ...query, nothing, title: found.length === 1 ? must(labels, 0) : `${found.length} jobs` })
      return query.format === 'png' ? toPng(svg) : svg
    }
    return {
      version: JSON.stringify([query, found.map(({ id, revision }) => [id, revision])]),
      final: found.every(({ status }) => isTerminal(status)),
      draw,
    }
  }

  return { open }
}

export type PictureService = ReturnType<typeof createPictureService>

/** Points of a line: more than these are not told apart. */
const maxPoints = 600

const tooMany = (): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [
    {
      path: '/job',
      code: 'maxItems',
      message: `must NOT have more than ${maxPictured - 1} items: a picture shows ${maxPictured} jobs at most`,
    },
  ])
