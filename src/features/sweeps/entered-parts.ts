/** Parts of a config that a grid leads into although the base leaves them out: the service chooses them, so that there is something to change. */
import type { SweepRequest } from '../../api/sweep.schema.ts'

/** Parts that are chosen as a whole. What else a base leaves out is chosen for each job by itself. */
const chosenParts = ['preprocessing', 'model', 'loss', 'optimizer'] as const
type ChosenPart = (typeof chosenParts)[number]

/** Paths that say all of a part, or what kind of part it is. */
const sayAll: Record<ChosenPart, readonly string[]> = {
  preprocessing: ['preprocessing'],
  model: ['model', 'model.layers'],
  loss: ['loss', 'loss.type'],
  optimizer: ['optimizer', 'optimizer.type'],
}

/** The parts that a grid only leads into. */
export const enteredParts = ({ base, grid }: Pick<SweepRequest, 'base' | 'grid'>): ChosenPart[] => {
  const paths = pathsOf(grid)
  return chosenParts.filter(
    (part) =>
      base[part] === undefined && paths.some((path) => path.startsWith(`${part}.`)) && !sayAll[part].some((path) => paths.includes(path)),
  )
}

/** The base without what the grid changes, but for its dataset: by what is left the parts are chosen. */
export const untouchedBase = ({ base, grid }: Pick<SweepRequest, 'base' | 'grid'>): Record<string, unknown> => {
  const touched = new Set(pathsOf(grid).map((path) => path.split('.')[0]))
  return Object.fromEntries(Object.entries(base).filter(([name]) => name === 'dataset' || !touched.has(name)))
}

const pathsOf = (grid: SweepRequest['grid']): string[] => (Array.isArray(grid) ? grid : [grid]).flatMap((one) => Object.keys(one))
