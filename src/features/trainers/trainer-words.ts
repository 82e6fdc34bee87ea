import type { ValidationError } from '../../contracts/error-codes.ts'

/** What is wrong with data, as a trainer has it, which prepares nothing: there is no preprocessing that a client could ask for. */
export const inTrainersWords = (error: ValidationError): ValidationError => {
  const { path, code, message } = error
  if (code === 'missing_values') {
    const told = message.split(';')[0]
    return {
      ...error,
      path: atData(path),
      message: `${told}; a trainer fills none: fill them before they are uploaded, or leave the columns out`,
    }
  }
  return { ...error, path: atData(path), message: ofTrainer(message) }
}

const ofTrainer = (message: string): string =>
  message
    .replace(/, name it in preprocessing\.oneHot or codes, or leave it out|, or name it in codes/, ' or leave it out')
    .replace(/(?<!")\b(the|this) job\b(?!")/g, '$1 trainer')

const atData = (path: string): string => path.replace(/^\/preprocessing.*/, '/dataset/features').replace(/^\/training\/.*/, '/dataset')
