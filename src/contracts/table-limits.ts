/** What is shown of a table at most, and what its files may be: known to the wire schemas and to whoever reads tables. */

/** Levels that a column shows, the most frequent ones. */
export const shownLevels = 100
/** Bins of a column's histogram. */
export const histogramBins = 20
/** Notes of a dataset before the rest is only counted. */
export const maxNotes = 100
/** Rows that could not be read and are listed. */
export const listedBadRows = 20

/** How the text of a file may be encoded. */
export const charsets = ['utf-8', 'utf-16le', 'utf-16be', 'iso-8859-1', 'windows-1252'] as const
export type Charset = (typeof charsets)[number]
