/** Runs the commands of the documents for new users, and checks the links of all documents. */
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {ExitCode} from '#dist/model/errors.js';
import {Actor} from '../helpers/actor.js';
import {COMMANDS} from '../helpers/commands.js';
import {
  anchorsOf,
  commandsOf,
  type DocumentCommand,
  linksOf,
  listDocuments,
  readDocument,
} from '../helpers/documents.js';
import {hasProgram, ROOT} from '../helpers/machine.js';
import {freePort} from '../helpers/pair.js';
import {ADDRESS, type Checkout, hasGitDaemon, Scene, serveCheckout} from '../helpers/scene.js';
import {type Running, shell as runShell} from '../helpers/shell.js';
import {skip, suite} from '../helpers/suite.js';
import {shell} from './run.js';

const NEW_USERS = ['docs/getting-started.md', 'docs/recipes.md'];
const SHORT = [
  ...NEW_USERS,
  ...['README', 'troubleshooting', 'faq', 'comparison'].map((it) => `docs/${it}.md`),
];
const MOST_UNTESTED = 1;
const OPTIONAL_PROGRAMS = ['jq', 'sqlite3', 'duckdb'];

/** Pattern that the output of each command of a section matches: processes and addresses of the scene. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  '1. Check the machine': /--probe auto takes/,
  '2. See an event': /fail +\d+ .* bash .*ECONNREFUSED/,
  '3. See all events': /nginx/,
  '4. Select': /nginx/,
  '5. Look at the present': /postgres/,
  '6. Record and replay': /nginx/,
  'Who connects to my database?': /nginx/,
  'Why does this fail?': /nginx.*(ECONNREFUSED|remote-reset)/,
  'What does this command talk to?': /nginx|\bgit\b[^]*(127\.0\.0\.1|localhost)/,
  'Who leaks connections?': /worker/,
  'Who uses the network now?': new RegExp(`nginx|${ADDRESS.replaceAll('.', '\\.')}`),
};

/** sudo is absent on many test machines, which run the tests as root. */
const FUNCTIONS = `sudo() { "$@"; }
tcptrace() (echo "$BASHPID" >>"$PIDS"; exec $TCPTRACE "$@")`;

/**
 * Ends top after one short snapshot, and limits it to the namespace of the scene, because it shows only the first rows.
 * Traces are ended by the test.
 */
function adapt(text: string, {netns}: Scene): string {
  const short = text.replaceAll(/--interval \d+s/g, '--interval 1s');
  const count = text.includes('--count') ? '' : ' --count 1';
  return short.replace('tcptrace top', `$& --netns ${netns}${count}`);
}

function interrupt(pidFile: string): void {
  for (const pid of readFileSync(pidFile, 'utf8').trim().split('\n')) process.kill(Number(pid), 'SIGINT');
}

/** Acts as the processes of the scene until the command exits. A trace without a command is interrupted, as by Ctrl-C. */
async function actDuring(running: Running, text: string, scene: Scene, pidFile: string): Promise<void> {
  await running.ready;
  const isInterrupted = /tcptrace (watch|map)\b(?!.* -- )/.test(text);
  for (let count = 0; !running.hasExited; count += 1) {
    await scene.act();
    if (count < 2) await scene.leak();
    if (isInterrupted && count === 1) interrupt(pidFile);
    await setTimeout(100);
  }
}

/** Runs a command; returns its output, and the text of the file that it wrote. */
async function runCommand(
  {text}: DocumentCommand,
  scene: Scene,
  folder: string,
): Promise<[number | null, string]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-docs-pids-'));
  const pidFile = path.join(scratch, 'pids');
  const script = `cd '${folder}'; PIDS='${pidFile}'; ${FUNCTIONS}\n${adapt(text, scene)}`;
  const {code, stdout, stderr} = await runShell(script, [], (running) =>
    actDuring(running, text, scene, pidFile),
  );
  rmSync(scratch, {recursive: true});
  const file = /(?:--output |>)(\w+\.\w+)/.exec(text)?.[1];
  const written = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8');
  return [code, stdout + stderr + written];
}

const COMMAND_LINE = /\btcptrace ([a-z](?:'[^']*'|"[^"]*"|[^|>&;#\n'"])*)/g;

/** Splits the command lines of tcptrace in a shell command into words. */
function commandLinesOf(text: string): readonly (readonly string[])[] {
  const lines = [...text.replaceAll(/\\\n/g, ' ').matchAll(COMMAND_LINE)];
  return lines.map(([, line = '']) => shell(`printf '%s\\n' ${line}`).stdout.trimEnd().split('\n'));
}

describe('documents', () => {
  for (const name of listDocuments()) {
    it(`${name}: every relative link has a target`, () => {
      for (const link of linksOf(name)) {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? name : path.join(path.dirname(name), file);
        assert.ok(existsSync(path.join(ROOT, target)), link);
        if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), link);
      }
    });

    it(`${name}: every command line of tcptrace is valid`, async () => {
      for (const {text} of commandsOf(name))
        for (const [command, ...argv] of commandLinesOf(text))
          await COMMANDS.find((it) => it.name === command)?.read(argv);
    });
  }

  for (const name of SHORT)
    it(`${name} is short`, () => {
      const lines = readDocument(name).split('\n');
      assert.ok(lines.length <= 250);
      for (const line of lines) assert.ok(line.length <= 400, line);
    });

  it('the index names every document', () => {
    const links = linksOf('docs/README.md').map((link) => path.join('docs', link));
    const others = listDocuments().filter((name) => /^docs\/(?!README)/.test(name));
    assert.deepEqual(
      others.filter((name) => !links.includes(name)),
      [],
    );
    assert.ok(linksOf('README.md').includes('docs/README.md'));
  });

  it('troubleshooting has every exit code', () => {
    const text = readDocument('docs/troubleshooting.md');
    for (const code of Object.values(ExitCode))
      assert.match(text, new RegExp(`^\\| ${String(code)} \\| .`, 'm'));
  });

  it('few commands need what a test machine may lack', () => {
    const marked = NEW_USERS.flatMap(commandsOf).filter(({needs}) => needs !== undefined);
    assert.ok(marked.length <= MOST_UNTESTED);
  });
});

suite('documents', () => {
  let scene: Scene;
  let checkout: Checkout | undefined;
  let folder: string;

  before(async () => {
    scene = await Scene.start();
    folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-docs-'));
    if (!hasGitDaemon()) return;
    await using actor = await Actor.start();
    checkout = await serveCheckout(await freePort(actor, '127.0.0.1'));
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
    await checkout?.[Symbol.asyncDispose]();
    rmSync(folder, {recursive: true});
  });

  for (const document of NEW_USERS)
    for (const command of commandsOf(document))
      it(`${document}: ${command.text.replaceAll(/\s+/g, ' ')}`, async function () {
        const {text, section} = command;
        const missing = OPTIONAL_PROGRAMS.find((name) => text.includes(name) && !hasProgram(name));
        if (missing !== undefined) skip(this, `no ${missing}`);
        const usesGit = /\bgit\b/.test(text);
        if (usesGit && checkout === undefined) skip(this, 'no git-daemon(1)');
        const [code, output] = await runCommand(command, scene, usesGit ? (checkout?.folder ?? '') : folder);
        assert.match(output, SHOWN[section] ?? /^$/);
        // the document says that this command fails
        assert.equal(code, text.includes('/dev/tcp/127.0.0.1/9') ? 1 : 0, output);
      });
});
