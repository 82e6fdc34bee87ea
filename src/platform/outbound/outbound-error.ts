/** Why a request of the service to somebody else came to nothing. */

export type OutboundErrorCode =
  | 'invalid_url'
  | 'scheme_not_allowed'
  | 'host_not_allowed'
  | 'address_not_allowed'
  | 'too_many_redirects'
  | 'too_large'
  | 'timeout'
  | 'aborted'
  | 'unreachable'

/** Its message may be shown to anyone: it says nothing of this network but what the address in the request says. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly code: OutboundErrorCode

  constructor(code: OutboundErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What a failure of the connection looks like to somebody outside. */
export const outboundErrorOf = (error: unknown, { signal, timeout }: { signal?: AbortSignal; timeout?: AbortSignal }): OutboundError => {
  if (error instanceof OutboundError) return error
  if (signal?.aborted) return new OutboundError('aborted', 'The request was given up')
  const { code = '' } = error as NodeJS.ErrnoException
  if (timeout?.aborted || code === 'ETIMEDOUT') return new OutboundError('timeout', 'The host did not answer in time')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new OutboundError('unreachable', 'The name of the host was not found')
  if (code.startsWith('ERR_TLS') || code.includes('CERT') || code.includes('SIGNATURE'))
    return new OutboundError('unreachable', 'The certificate of the host is not valid')
  return new OutboundError('unreachable', 'The host could not be reached, or broke the connection off')
}
