/** Tells trouble of the database, which passes, from a failure of ours. */

/**
 * SQLSTATEs of a server that cannot work now: connections (08), resources such as disk, memory and connections (53), shut down,
 * starting or cancelled (57), its own files (58), locks (55P03), a database that lets nobody in (55000), conflicts (40), a standby after a failover (25006), a
 * transaction it gave up (25P03), and a server whose password or database is being changed (28, 3D).
 */
const sqlStates = /^(08|53|57|58|28|3D)[0-9A-Z]{3}$|^(55000|55P03|40001|40P01|25006|25P0[234]|XX000)$/

/** Codes of Prisma: unreachable, timed out, closed, too many connections, no transaction to be had or one that ran out of time. */
const prismaCodes = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'])

/** Of sockets, and of this machine when it has no room left. */
const systemCodes = new Set(
  ['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'EHOSTDOWN'].concat([
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'EMFILE',
    'ENFILE',
    'ENOBUFS',
    'ENOSPC',
    'EDQUOT',
  ]),
)

/** Errors of the driver have no codes. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered a connection error|was closed)|Cannot use a pool after|Received unexpected \w+ message|the database said nothing)/i

/** What the adapter calls the same. */
const kinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
  'AuthenticationFailed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
  'TlsConnectionError',
])

/** How deep an error may be wrapped: Prisma, its adapter, the driver, the socket. */
const maxDepth = 8

/**
 * True for an error that says that the database is away, starting, stopping, full or too slow: the same request may
 * succeed later. What it was about to write may have been written or not.
 */
export const isDatabaseUnavailable = (error: unknown, depth = 0): boolean => {
  if (typeof error !== 'object' || error === null || depth > maxDepth) return false
  const { name, code, kind, originalCode, message, cause, meta, errors } = error as Record<string, unknown>
  if (name === 'DatabaseSilent' || name === 'PrismaClientInitializationError') return true
  if ([code, originalCode].some((one) => typeof one === 'string' && isPassing(one))) return true
  if (typeof kind === 'string' && kinds.has(kind)) return true
  if (typeof message === 'string' && driverMessages.test(message)) return true
  const inner = [
    cause,
    (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError,
    ...(Array.isArray(errors) ? errors : []),
  ]
  return inner.some((one) => isDatabaseUnavailable(one, depth + 1))
}

const isPassing = (code: string): boolean => sqlStates.test(code) || prismaCodes.has(code) || systemCodes.has(code)
