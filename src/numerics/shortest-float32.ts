/** Significant digits that every decimal keeps as a float32, and those that tell every two float32 apart. */
const kept = 6
const enough = 9
/** Below it a float32 has fewer digits. */
const smallestNormal = 2 ** -126

/** The number with the fewest digits that is this float32 once it is rounded to one: 0.1 for what a float32 makes of it. */
export const shortestFloat32 = (value: number): number => {
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 24) return value
  for (let digits = Math.abs(value) < smallestNormal ? 1 : kept; digits < enough; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(enough))
}
