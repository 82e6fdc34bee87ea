/** What to write into a file, by the end of its name. */

/** The first of the formats whose name the file's ends with, after a dot. @throws TypeError naming them if it ends with none */
export const formatOfFile = <Format extends string>(path: string, formats: readonly Format[], otherwise: string): Format => {
  const found = formats.find((format) => path.toLowerCase().endsWith(`.${format.toLowerCase()}`))
  if (found !== undefined) return found
  const endings = formats.map((format) => `.${format}`).join(', ')
  throw new TypeError(`The name of ${path} does not say what to write: it must end with one of ${endings}; or ${otherwise}`)
}
