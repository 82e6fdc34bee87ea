/** Curves of different epochs over a common axis. */

export type Point = [number, number | null]

/** Between its points a curve goes straight, as it is drawn; before its first and after its last there is nothing. */
export const align = (curves: Point[][]): { x: number[]; values: (number | null)[][] } => {
  const x = [...new Set(curves.flatMap((curve) => curve.map(([epoch]) => epoch)))].toSorted((a, b) => a - b)
  return { x, values: curves.map((curve) => resample(curve, x)) }
}

const resample = (curve: Point[], x: number[]): (number | null)[] => {
  let next = 0
  return x.map((epoch) => {
    while (next < curve.length && (curve[next]?.[0] ?? 0) < epoch) next++
    const [after, before] = [curve[next], curve[next - 1]]
    if (after?.[0] === epoch) return after[1]
    if (!after || !before || after[1] === null || before[1] === null) return null
    return before[1] + ((after[1] - before[1]) * (epoch - before[0])) / (after[0] - before[0])
  })
}
