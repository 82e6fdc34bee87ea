import { type ChildProcess, fork } from 'node:child_process'
import { preloading } from './messages.ts'

/** Starts a process that loads its code and does nothing more until `keepChild` has it; it ends with us. */
export const preloadChild = (entry: string, env: NodeJS.ProcessEnv): ChildProcess => {
  const child = fork(entry, [], { env: { ...env, [preloading]: '1' }, stdio: [...stdio] })
  // Who keeps it finds it gone.
  child.on('error', () => {})
  return child
}

/** What it prints goes to our standard error: standard output is for what callers wait for. */
export const stdio = ['ignore', 2, 2, 'ipc'] as const
