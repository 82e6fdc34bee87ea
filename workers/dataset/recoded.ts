/** Categories of a second dataset by the codes of the first. */

/** What the codes of a column become, by code. */
export type Recode = { column: number; codes: Float32Array }

/** Rows with their categories by the codes that the job knows; what is missing stays missing. */
export const recoded = (table: Float32Array, width: number, recodes: readonly Recode[]): Float32Array => {
  if (recodes.length === 0) return table
  const made = Float32Array.from(table)
  for (const { column, codes } of recodes)
    for (let at = column; at < made.length; at += width) made[at] = codes[made[at] ?? Number.NaN] ?? Number.NaN
  return made
}
