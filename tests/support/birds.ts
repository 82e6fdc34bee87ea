/** A table with every kind of column, some cells missing. */

export const species = ['Adelie', 'Chinstrap', 'Gentoo']

/** Three kinds of birds that bill, island and date tell apart; some cells are missing, two of them labels. */
export const birdsTable = (): string => {
  const lines = Array.from({ length: 120 }, (_, row) => {
    const kind = row % 3
    const bill = row % 20 === 7 ? 'NA' : String(35 + 8 * kind + ((row * 7) % 10) / 5)
    const island = row % 15 === 4 ? '' : ['Biscoe', 'Dream', 'Torgersen'][(kind + (row % 5 === 0 ? 1 : 0)) % 3]
    const ringed = row % 2 === 0 ? 'true' : 'false'
    const seen = `2009-11-${String(10 + (row % 15)).padStart(2, '0')}`
    const label = row === 11 || row === 50 ? '' : species[kind]
    return [label, bill, island, ringed, seen, row % 12].join(',')
  })
  return ['species,bill,island,ringed,seen,nest', ...lines].join('\n')
}
