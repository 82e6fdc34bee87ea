/**
 * What native TensorFlow reads from its environment, once, when its library is loaded. A fork gets these in its `env`;
 * a process that loads the library itself has them written just before.
 */
import type { NativePackage } from './locate.ts'

/** Variables for a process that will load `name`; `device` is the one CUDA device it may see. */
export const nativeEnvironment = (name: NativePackage, device?: number): Record<string, string> => ({
  TF_CPP_MIN_LOG_LEVEL: '2',
  // Deprecation notes of oneDNN and the like come through a second log that only this silences.
  TF_ENABLE_DEPRECATION_WARNINGS: '0',
  ...(name === 'tfjs-node-gpu' && {
    // TensorFlow takes the whole card unless told otherwise.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Same bits on every run: design section 4.
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: '0',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    ...(device !== undefined && { CUDA_VISIBLE_DEVICES: String(device) }),
  }),
})
