import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const scripts = path.resolve(import.meta.dirname, '..', '..', '..', 'scripts', 'tensorflow')

/** Makes a wheel with the files that the installer takes, and one more; `damage` changes a file after RECORD was written. */
const makeWheel = `
import base64, hashlib, sys, zipfile
path, damage = sys.argv[1], sys.argv[2] == "damaged"
files = {
    "tensorflow/libtensorflow_cc.so.2": b"library",
    "tensorflow/libtensorflow_framework.so.2": b"framework",
    "tensorflow/include/tensorflow/c/c_api.h": b"header",
    "tensorflow/python/large.py": b"not wanted",
    "tensorflow_cpu-2.21.0.dist-info/METADATA": b"Metadata-Version: 2.1\\nName: tensorflow-cpu\\nVersion: 2.21.0\\n",
    "tensorflow_cpu-2.21.0.dist-info/WHEEL": b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
digest = lambda data: "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
record = "".join(f"{name},{digest(data)},{len(data)}\\n" for name, data in files.items())
if damage:
    files["tensorflow/libtensorflow_cc.so.2"] = b"libRary"
with zipfile.ZipFile(path, "w") as wheel:
    for name, data in files.items():
        wheel.writestr(name, data)
    wheel.writestr("tensorflow_cpu-2.21.0.dist-info/RECORD", record + "tensorflow_cpu-2.21.0.dist-info/RECORD,,\\n")
`

const wheelName = 'tensorflow_cpu-2.21.0-py3-none-any.whl'

const hasPip = await run('python3', ['-m', 'pip', '--version']).then(
  () => true,
  () => false,
)

describe("TensorFlow's libraries out of a folder of wheels", { skip: hasPip ? false : 'there is no Python with pip here' }, () => {
  let folder: string
  let wheels: string
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'trainyard-wheels-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const prepare = async (state: 'whole' | 'damaged'): Promise<void> => {
    wheels = mkdtempSync(path.join(folder, 'wheels-'))
    await run('python3', ['-c', makeWheel, path.join(wheels, wheelName), state])
  }

  /** Calls the installer's own function in a process without any index to reach. */
  const install = (target: string, environment: Record<string, string> = {}) => {
    const program = `
      const { installLibraries } = await import(${JSON.stringify(path.join(scripts, 'wheels.mjs'))})
      await installLibraries({ target: ${JSON.stringify(target)}, gpu: false, findLinks: ${JSON.stringify(wheels)}, say: console.log })`
    return run(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, PIP_CONFIG_FILE: os.devNull, ...environment },
    })
  }

  it("TensorFlow's libraries out of a folder of wheels are unpacked without what is not needed, and once", async () => {
    await prepare('whole')
    const target = path.join(folder, 'whole')
    await install(target)
    assert.equal(readFileSync(path.join(target, 'tensorflow', 'libtensorflow_cc.so.2'), 'utf8'), 'library')
    assert.ok(existsSync(path.join(target, 'tensorflow', 'include', 'tensorflow', 'c', 'c_api.h')))
    assert.ok(!existsSync(path.join(target, 'tensorflow', 'python')))
    writeFileSync(path.join(wheels, wheelName), 'gone')
    assert.match((await install(target)).stdout, /are in/)
  })

  it("TensorFlow's libraries out of a folder of wheels are taken again where a file is no longer what it was", async () => {
    await prepare('whole')
    const target = path.join(folder, 'spoilt')
    await install(target)
    const library = path.join(target, 'tensorflow', 'libtensorflow_cc.so.2')
    writeFileSync(library, 'lib')
    assert.match((await install(target)).stdout, /libtensorflow_cc\.so\.2 is damaged/)
    assert.equal(readFileSync(library, 'utf8'), 'library')
    assert.match((await install(target)).stdout, /are in/)
  })

  it("TensorFlow's libraries out of a folder of wheels leave no trace of an install that was killed, while one that goes on is left alone", async () => {
    await prepare('whole')
    const target = path.join(folder, 'killed')
    const { pid: dead } = spawnSync(process.execPath, ['--version'])
    const [left, inWork] = [dead, process.pid].map((pid) => path.join(folder, `killed.part-${os.hostname()}-${pid}-abc123`))
    for (const part of [left, inWork]) mkdirSync(String(part))
    await install(target)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('killed')),
      ['killed', path.basename(String(inWork))],
    )
  })

  it("TensorFlow's libraries out of a folder of wheels are refused, and nothing is left, where a file is not what its wheel recorded", async () => {
    await prepare('damaged')
    const target = path.join(folder, 'damaged')
    await assert.rejects(install(target), /libtensorflow_cc\.so\.2 is damaged/)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('damaged')),
      [],
    )
  })

  it("TensorFlow's libraries out of a folder of wheels are asked for by name where the folder does not have them", async () => {
    wheels = mkdtempSync(path.join(folder, 'empty-'))
    await assert.rejects(install(path.join(folder, 'none')), /pip could not get tensorflow-cpu==2\.21\.0/)
  })

  it("TensorFlow's libraries out of a folder of wheels need pip, and a machine without it is told what to install", async () => {
    await prepare('whole')
    await assert.rejects(install(path.join(folder, 'no-python'), { PATH: wheels }), /apt-get install python3 python3-pip/)
  })
})
