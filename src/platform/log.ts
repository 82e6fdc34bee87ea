/** Logs go to standard error, so that standard output carries only what a caller waits for. */
import { type Logger, pino } from 'pino'

export type Log = Logger

/** JSON lines, or short readable ones if a person looks at a terminal. `name` tells the processes apart. */
export const createLog = ({ level, name }: { level: string; name: string }): Log =>
  pino({ level, name }, process.stderr.isTTY ? readable : pino.destination({ dest: 2, sync: true }))

const levels: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

const readable = {
  write: (line: string): void => {
    const { level, time, pid: _pid, hostname: _hostname, name, msg, err, ...rest } = JSON.parse(line)
    const details = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''
    const stack = err?.stack ? `\n${err.stack}` : ''
    process.stderr.write(
      `${new Date(time).toISOString().slice(11, 23)} ${levels[level] ?? level} ${name}: ${msg ?? ''}${details}${stack}\n`,
    )
  },
}
