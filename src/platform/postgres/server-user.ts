/** PostgreSQL refuses to run as root, so root hands its server to a user without privileges. */
import { spawn, spawnSync } from 'node:child_process'

/** Numeric ids, as child_process takes them; undefined means "as myself". */
export type ServerUser = { uid: number; gid: number } | undefined

/** What a command printed, and how it ended; a command that could not be started has code -1. */
export type CommandResult = { code: number; stdout: string; stderr: string }

/** The user that the server shall run as. @throws if root finds neither `postgres` nor `nobody` */
export const findServerUser = (): ServerUser => {
  if (process.geteuid?.() !== 0) return undefined
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10))
    if (uid && gid !== undefined && !Number.isNaN(uid)) return { uid, gid }
  }
  throw new Error(
    'started as root, but there is no user "postgres" or "nobody" to run PostgreSQL as: set DATABASE_URL, or start as another user',
  )
}

/** The environment of server programs: nothing of ours, and messages in English, since some are read. */
export const serverEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const

/** Runs a program to its end as the server's user, outside of any folder that user may not see. */
export const runAs = (user: ServerUser, command: string, args: string[]): Promise<CommandResult> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { ...user, cwd: '/', env: serverEnvironment, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => resolve({ code: -1, stdout, stderr: error.message }))
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
  })

/** True if the user may create files in a folder, all folders above it included. */
export const canUse = async (user: ServerUser, folder: string): Promise<boolean> =>
  (await runAs(user, '/bin/sh', ['-c', 'cd -- "$1" && test -w .', 'sh', folder])).code === 0

/** True if the user reaches a program and may run it. */
export const canExecute = async (user: ServerUser, program: string): Promise<boolean> =>
  (await runAs(user, '/bin/sh', ['-c', 'test -x "$1"', 'sh', program])).code === 0
