/** Bundles the page of `tcptrace map` (src/page) into dist/bundle/page/, with the packages that it imports. */
import {copyFileSync} from 'node:fs';
import {build, type Metafile} from 'esbuild';

/** @param root folder of the project */
export async function bundlePage(root: string): Promise<Metafile> {
  const {metafile} = await build({
    absWorkingDir: root,
    entryPoints: [
      {in: 'src/page/main.ts', out: 'page'},
      {in: 'src/page/page.css', out: 'page'},
    ],
    outdir: 'dist/bundle/page',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    // the first with light-dark()
    target: ['chrome123', 'firefox120', 'safari17.5'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  copyFileSync(`${root}/src/page/page.html`, `${root}/dist/bundle/page/page.html`);
  return metafile;
}
