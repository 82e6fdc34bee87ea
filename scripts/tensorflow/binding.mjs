import { existsSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { InstallError, lastLines, run } from './shell.mjs'

/**
 * The C++ compiler of this machine.
 * @throws {InstallError} if there is none
 */
export const findCompiler = async () => {
  for (const compiler of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (compiler && (await run(compiler, ['--version'])).code === 0) return compiler
  }
  throw new InstallError('the binding has to be compiled, and there is no C++ compiler: install one, e.g. apt-get install g++')
}

/**
 * Compiles tfjs-node's own N-API binding against the libraries in `libraries`. It is plain C++ over N-API, so the compiler
 * is called directly: node-gyp would add the need for make and for the headers of exactly this Node.
 * `deps/lib` becomes a link to the library folder itself, so that TensorFlow finds `../nvidia/…/lib` from there without
 * LD_LIBRARY_PATH.
 * @param {{ packageDirectory: string, libraries: string, compiler: string, nodedir?: string, say: (line: string) => void }} options
 * @throws {InstallError}
 */
export const compileBinding = async ({ packageDirectory, libraries, compiler, nodedir, say }) => {
  const headers = headersFor(nodedir, packageDirectory)
  const library = path.join(libraries, 'tensorflow')
  await rm(path.join(packageDirectory, 'deps'), { recursive: true, force: true })
  await mkdir(path.join(packageDirectory, 'deps'))
  await mkdir(path.join(packageDirectory, 'lib', 'napi-v8'), { recursive: true })
  await symlink(library, path.join(packageDirectory, 'deps', 'lib'))
  await symlink(path.join(library, 'include'), path.join(packageDirectory, 'deps', 'include'))
  say(`compiling the binding with ${compiler}`)
  const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc']
  const flags = [
    '-shared',
    '-fPIC',
    '-O2',
    '-std=c++17',
    '-fno-exceptions',
    '-DNAPI_VERSION=8',
    '-DBUILDING_NODE_EXTENSION',
    `-I${headers}`,
    '-I.',
    '-Ideps/include',
  ]
  const links = ['-Ldeps/lib', '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib']
  const outcome = await run(compiler, [...flags, '-o', 'lib/napi-v8/tfjs_binding.node', ...sources, ...links], { cwd: packageDirectory })
  if (outcome.code !== 0) throw new InstallError(`the binding did not compile:\n${lastLines(outcome.output, 12)}`)
}

/** The folder with node_api.h: the one asked for, the running Node's own, or that of the package node-api-headers. */
const headersFor = (nodedir, packageDirectory) => {
  const candidates = [
    nodedir && path.join(nodedir, 'include', 'node'),
    path.join(path.dirname(process.execPath), '..', 'include', 'node'),
    path.join(packageDirectory, '..', '..', 'node-api-headers', 'include'),
  ]
  const found = candidates.find((directory) => directory && existsSync(path.join(directory, 'node_api.h')))
  if (!found) throw new InstallError('the headers of N-API were found neither beside Node nor in node-api-headers; pass --nodedir DIR')
  return found
}
