/** How training time grows with rows, depth and epochs. */
import { compare, type Settings } from './compare.ts'
import { mlp, type Workload } from './workloads.ts'

/** One size and its seconds, against the size before. */
export type Growth = {
  with: string
  size: string
  seconds: number
  cpuSeconds: number
  sizeFactor: number | null
  secondsFactor: number | null
  cpuFactor: number | null
}

type Series = { with: string; sizes: { size: number; label: string; workload: Workload }[] }

const series = (): Series[] => [
  { with: 'rows', sizes: [10_000, 20_000, 40_000, 80_000].map((size) => ({ size, label: `${size}`, workload: mlp(size, 2, 1) })) },
  { with: 'epochs', sizes: [1, 2, 4, 8].map((size) => ({ size, label: `${size}`, workload: mlp(20_000, 2, size) })) },
  {
    with: 'depth',
    // The work of h hidden layers of 256 on 64 inputs, in units of one 256×256 product.
    sizes: [2, 4, 8, 16].map((hidden) => ({
      size: hidden - 1 + 74 / 256,
      label: `${hidden} hidden layers`,
      workload: mlp(20_000, hidden, 1),
    })),
  },
]

/** Medians over the settings' rounds, for sizes that double. */
export const measureGrowth = async (settings: Settings): Promise<Growth[]> => {
  const results: Growth[] = []
  for (const { with: what, sizes } of series()) {
    let before: { size: number; seconds: number; cpuSeconds: number } | undefined
    for (const { size, label, workload } of sizes) {
      const { ours } = await compare(workload, settings)
      results.push({
        with: what,
        size: label,
        seconds: ours.seconds,
        cpuSeconds: ours.cpuSeconds,
        sizeFactor: before ? size / before.size : null,
        secondsFactor: before ? ours.seconds / before.seconds : null,
        cpuFactor: before ? ours.cpuSeconds / before.cpuSeconds : null,
      })
      before = { size, seconds: ours.seconds, cpuSeconds: ours.cpuSeconds }
    }
  }
  return results
}
