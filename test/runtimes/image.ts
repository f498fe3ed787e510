/** The image of every container under test: busybox and the actor, both static. No registry is asked for it. */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {findProgram} from '#dist/procfs/programs.js';
import {ROOT} from '../helpers/machine.js';

export const IMAGE = 'localhost/box:latest';

/** Command of containers that only hold the namespaces of a pod. */
export const SLEEP = ['/bin/sleep', '1000'] as const;

function tar(directory: string, archive: string, ...files: readonly string[]): void {
  execFileSync('tar', ['-C', directory, '-cf', archive, ...files]);
}

/** Writes the root file system as `rootfs.tar`, for `podman import` and `docker import`. */
export function writeRootfs(folder: string): string {
  const root = path.join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'io', 'proc', 'tmp']) mkdirSync(path.join(root, name), {recursive: true});
  cpSync(findProgram('busybox') ?? '', path.join(root, 'bin/busybox'), {dereference: true});
  for (const name of ['sh', 'sleep']) symlinkSync('busybox', path.join(root, 'bin', name));
  cpSync(path.join(ROOT, 'build/actor'), path.join(root, 'bin/actor'));
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  const archive = path.join(folder, 'rootfs.tar');
  tar(root, archive, '.');
  return archive;
}

/** Writes an archive like that of `docker save` as `image.tar`, for `ctr image import`. */
export function writeArchive(folder: string): string {
  const layer = createHash('sha256')
    .update(readFileSync(path.join(folder, 'rootfs.tar')))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {Cmd: SLEEP, Env: ['PATH=/bin']},
    rootfs: {type: 'layers', diff_ids: [`sha256:${layer}`]},
  };
  const manifest = [{Config: 'config.json', RepoTags: [IMAGE], Layers: ['rootfs.tar']}];
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = path.join(folder, 'image.tar');
  tar(folder, archive, 'config.json', 'manifest.json', 'rootfs.tar');
  return archive;
}
