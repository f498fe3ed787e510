/** Loads the addon; no other file does. */
import {createRequire} from 'node:module';
import type {Addon} from './binding.js';
import {checkLayout} from './decode.js';
import {FILTER_SIZE, FILTER_VERSION} from './layout.js';
import {mixedBuild} from './record.js';
import {ExitCode, TcptraceError} from '../model/errors.js';

const require = createRequire(import.meta.url);

/** Returns the path of the locally built addon, or of the package's prebuilt one. */
function findAddon(): string {
  try {
    return require.resolve('#addon');
  } catch {
    return require.resolve(`#prebuilt/linux-${process.arch}/tcptrace.node`);
  }
}

/** Loads the addon on first use; throws Node's error if dlopen(3) fails. */
export function loadAddon(): Addon {
  return require(findAddon()) as Addon;
}

function isErrorWithCode(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function explain(error: unknown): TcptraceError {
  const options = {cause: error};
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  if (isErrorWithCode(error) && error.code === 'MODULE_NOT_FOUND') {
    const hint = 'run bin/setup; the npm package includes it for x64 and arm64';
    return new TcptraceError(`the addon for ${process.arch} is missing`, ExitCode.FAILURE, hint, options);
  }
  const library = /(lib\w+\.so[.\d]*): cannot open shared object file/.exec(message)?.[1];
  if (library !== undefined) {
    const hint = 'install it (Debian, Ubuntu: apt install libbpf1) or run bin/setup';
    return new TcptraceError(`the shared library ${library} is missing`, ExitCode.FAILURE, hint, options);
  }
  return new TcptraceError(
    `cannot load the addon: ${message}`,
    ExitCode.FAILURE,
    'run bin/setup to rebuild it',
    options,
  );
}

/**
 * Loads the addon and checks that its layout of records and filters matches this code.
 *
 * @throws TcptraceError if it is missing, cannot be loaded, or comes from another build
 */
export function openAddon(): Addon {
  let addon: Addon;
  try {
    addon = loadAddon();
  } catch (error) {
    throw explain(error);
  }
  checkLayout(addon.eventSize, addon.eventVersion);
  if (addon.filterSize !== FILTER_SIZE || addon.filterVersion !== FILTER_VERSION)
    throw mixedBuild(`the addon has filters of ${String(addon.filterSize)} bytes`);
  return addon;
}
