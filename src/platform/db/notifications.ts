/**
 * Wake-ups from PostgreSQL's NOTIFY over one connection. A wake-up says "read the row again" and nothing more:
 * it may be spurious, and when the connection is lost or back everyone is woken, so none is ever missed. A word after
 * the id may say what kind of change it is, for those whom not every kind concerns. The connection is
 * asked for a sign of life every now and then: one that hangs would look like a quiet one.
 */
import pg from 'pg'
import { createWakeUp, type NextWakeUp } from '../../contracts/wake-up.ts'
import { withTimeout } from '../with-timeout.ts'

/** A watch on one row. It remembers a wake-up that comes between two calls of `next`. */
export type Watch = {
  next: NextWakeUp
  close: () => void
}

/** Told that a row changed, and of what kind the change is if the notification says so. */
export type RowHandler = (kind?: string) => void

/** Told the id of a row that changed, and of what kind the change is if the notification says so; null if any may have. */
export type ChannelHandler = (id: string | null, kind?: string) => void

export type NotificationOptions = {
  /** The channels to listen on. */
  channels: readonly string[]
  /** Told when the connection is lost; it is opened again by itself. */
  onError?: (error: Error) => void
}

const reconnectDelaysMs = [0, 100, 250, 500, 1000]

/** How long a connection may be quiet before it is asked, and how long it may take to answer or to open. */
const probeMs = 1000
const answerMs = 2000

/**
 * Listens on all given channels at once; wake-ups are safe from the first call on, even before the connection
 * stands, since everyone is woken when it does.
 *
 *     const watch = notifications.watch(channels.job, id)   // first watch,
 *     const row = await read(id)                            // then read,
 *     await watch.next({ timeoutMs })                       // then wait: nothing falls in between
 */
export const createNotifications = (url: string, { channels, onError = () => {} }: NotificationOptions) => {
  const watches = new Map<string, Set<RowHandler>>()
  const handlers = new Map<string, Set<ChannelHandler>>()
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let probing: NodeJS.Timeout | undefined
  let connected = false
  let closed = false
  let failures = 0

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'trainyard-notifications',
      connectionTimeoutMillis: answerMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    })
    client = next
    next.on('notification', ({ channel, payload }) => wake(channel, payload ?? ''))
    next.on('error', onError)
    next.on('end', () => reconnect(next))
    try {
      await next.connect()
      await withTimeout(answerMs, next.query(channels.map((channel) => `listen ${next.escapeIdentifier(channel)}`).join(';')))
      failures = 0
      connected = true
      wakeAll()
      probe(next)
    } catch (error) {
      if (!closed) onError(error instanceof Error ? error : new Error(String(error)))
      drop(next)
    }
  }

  /** Asks for a sign of life until none comes. */
  const probe = (current: pg.Client): void => {
    if (closed || client !== current) return
    probing = setTimeout(() => {
      withTimeout(answerMs, current.query('select 1')).then(
        () => probe(current),
        (error: Error) => {
          if (!closed && client === current) onError(error)
          drop(current)
        },
      )
    }, probeMs)
    probing.unref()
  }

  /** Lets go of a connection at once, whether the other side answers or not. */
  const drop = (lost: pg.Client): void => {
    lost.connection.stream.destroy()
    lost.end().catch(() => {})
    reconnect(lost)
  }

  const reconnect = (lost: pg.Client): void => {
    if (closed || client !== lost) return
    client = undefined
    // Who waits reads again now: if the database is away, that says so at once.
    if (connected) wakeAll()
    connected = false
    const delay = reconnectDelaysMs[Math.min(failures++, reconnectDelaysMs.length - 1)]
    retry = setTimeout(connect, delay)
  }

  const key = (channel: string, id: string): string => `${channel} ${id}`

  const wake = (channel: string, payload: string): void => {
    const [id = '', kind] = payload.split(' ')
    for (const listener of watches.get(key(channel, id)) ?? []) listener(kind)
    for (const handler of handlers.get(channel) ?? []) handler(id, kind)
  }

  const wakeAll = (): void => {
    for (const listeners of watches.values()) for (const listener of listeners) listener()
    for (const channel of channels) for (const handler of handlers.get(channel) ?? []) handler(null)
  }

  /** Calls the handler whenever the row changed, or may have. Returns how to stop it. */
  const follow = (channel: string, id: string, handler: RowHandler): (() => void) => {
    requireChannel(channel)
    return add(watches, key(channel, id), handler)
  }

  /** Starts to watch a row at once; close the watch when done. */
  const watch = (channel: string, id: string): Watch => {
    const { wake, next, release } = createWakeUp()
    const unlisten = follow(channel, id, wake)
    return {
      next,
      close: () => {
        unlisten()
        release()
      },
    }
  }

  /** One watch for one wait. It watches from the moment of the call: call it, read the row, then await it. */
  const wait = async (channel: string, id: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<boolean> => {
    const single = watch(channel, id)
    try {
      return await single.next(options)
    } finally {
      single.close()
    }
  }

  /** Calls the handler with the id of each row that changed, or with null when any may have. Returns how to stop it. */
  const on = (channel: string, handler: ChannelHandler): (() => void) => {
    requireChannel(channel)
    return add(handlers, channel, handler)
  }

  const requireChannel = (channel: string): void => {
    if (!channels.includes(channel)) throw new Error(`not listening on ${channel}`)
  }

  /** Ends the connection; watches that still wait are woken. */
  const close = async (): Promise<void> => {
    closed = true
    connected = false
    clearTimeout(retry)
    clearTimeout(probing)
    await client?.end().catch(() => {})
    wakeAll()
  }

  void connect()

  return {
    wait,
    watch,
    follow,
    on,
    close,
    /** True while the connection stands. */
    isConnected: (): boolean => connected,
  }
}

export type Notifications = ReturnType<typeof createNotifications>

const add = <T>(sets: Map<string, Set<T>>, key: string, item: T): (() => void) => {
  const set = sets.get(key) ?? new Set()
  sets.set(key, set.add(item))
  return () => {
    set.delete(item)
    if (set.size === 0 && sets.get(key) === set) sets.delete(key)
  }
}
