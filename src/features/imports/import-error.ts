/** What an import tells of its failure: what went wrong at the source, or with the file; nothing of what went wrong here. */
import { type ImportError, importErrorCodes } from '../../api/import.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { OutboundError, OutboundErrorCode } from '../../platform/outbound/outbound-error.ts'

/** The source answered, but not with the file. */
export class SourceStatus extends Error {
  override readonly name = 'SourceStatus'
}

export const importErrorOf = (error: unknown): ImportError => {
  if (error instanceof SourceStatus) return { code: 'SOURCE_STATUS', message: error.message, errors: [] }
  if (isOutboundError(error)) return { code: outboundCodes[error.code], message: sentence(error), errors: [] }
  const known = error instanceof Problem ? importErrorCodes.find((code) => code === error.code) : undefined
  if (error instanceof Problem && known) return { code: known, message: error.message, errors: error.errors }
  return { code: 'INTERNAL', message: 'Something went wrong here', errors: [] }
}

/** By its name: no class of an adapter is known here. */
export const isOutboundError = (error: unknown): error is OutboundError => error instanceof Error && error.name === 'OutboundError'

const outboundCodes: Record<OutboundErrorCode, ImportError['code']> = {
  invalid_url: 'SOURCE_NOT_ALLOWED',
  scheme_not_allowed: 'SOURCE_NOT_ALLOWED',
  host_not_allowed: 'SOURCE_NOT_ALLOWED',
  address_not_allowed: 'SOURCE_NOT_ALLOWED',
  too_many_redirects: 'SOURCE_NOT_ALLOWED',
  too_large: 'BODY_TOO_LARGE',
  timeout: 'SOURCE_TIMED_OUT',
  aborted: 'SOURCE_UNREACHABLE',
  unreachable: 'SOURCE_UNREACHABLE',
}

/** What is wrong with a URL is said of it: "must be …". */
const sentence = ({ message }: OutboundError): string => (/^[A-Z]/.test(message) ? message : `The URL ${message}`)
