import { closestMatch } from 'leven'

/** Names that are longer are no slips of the fingers, and lists that are longer would cost time. */
const maxLength = 40
const maxNames = 200

/** The end of a message about an unknown name: a question with the known name that is nearest, or nothing. */
export const didYouMean = (name: string, known: readonly string[]): string => {
  if (name.length > maxLength || known.length > maxNames) return ''
  const wanted = simplified(name)
  const names = new Map(known.map((one) => [simplified(one), one]))
  // One slip in three letters; fewer letters say nothing.
  const maxDistance = Math.min(3, Math.floor(wanted.length / 3))
  const nearest = names.get(wanted) ?? names.get(closestMatch(wanted, [...names.keys()], { maxDistance }) ?? '')
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}

/** learning_rate and LearningRate are how others write learningRate. */
const simplified = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '')
