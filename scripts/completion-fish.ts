import type {Command, Flag} from './commands.js';
import {flagsOf, HEAD, takesFiles} from './completion-common.js';

function quote(text = ''): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Offers each line that a fish command prints, also after a comma. */
function listOf(command: string): string {
  return ` -x -a ${quote(`(__fish_complete_list , ${quote(command)})`)}`;
}

function value({completion}: Flag): string {
  switch (completion.kind) {
    case 'words':
      return ` -x -a ${quote(completion.words.join(' '))}`;
    case 'list':
      return listOf(`string split " " "${completion.words.join(' ')}"`);
    case 'file':
      return ' -r -F';
    case 'pid':
      return listOf('__fish_complete_pids');
    case 'user':
      return listOf('__fish_complete_users');
    case 'service':
    case 'netns':
    case 'container':
      return listOf(`__tcptrace_${completion.kind}`);
    case 'none':
      return ' -x';
  }
}

function flagLine(command: Command, flag: Flag): string {
  const values = flag.type === 'boolean' ? '' : value(flag);
  const short = flag.char === undefined ? '' : ` -s ${flag.char}`;
  const when = `-n '__fish_seen_subcommand_from ${command.id}'`;
  const text = flag.description === undefined ? '' : ` -d ${quote(flag.description)}`;
  return `complete -c tcptrace ${when} -l ${flag.name}${short}${values}${text}`;
}

const FUNCTIONS = `function __tcptrace_program -d "words after -- are those of the traced command"
  set -l words (commandline -opc)
  set -l dashes (contains -i -- -- $words); or return
  set -e words[1..$dashes]
  complete -C (string join -- ' ' (string escape -- $words) (commandline -ct))
end
function __tcptrace_service
  string match -rg '^([a-z]\\S*)\\s+\\d+/tcp' </etc/services
end
function __tcptrace_netns
  command ls /run/netns 2>/dev/null
end
function __tcptrace_container
  for tool in docker podman
    command -q $tool; and $tool ps --format '{{.Names}}' 2>/dev/null
  end
end
complete -c tcptrace -n 'contains -- -- (commandline -opc)' -a '(__tcptrace_program)'`;

export function fish(commands: readonly Command[]): string {
  const ids = commands.map(({id}) => id).join(' ');
  const withWords = commands.filter((command) => command.argumentWords.length > 0);
  return [
    HEAD,
    FUNCTIONS,
    'complete -c tcptrace -f',
    ...commands.map(
      ({id, summary}) => `complete -c tcptrace -n __fish_use_subcommand -a ${id} -d ${quote(summary)}`,
    ),
    `complete -c tcptrace -n __fish_use_subcommand -a help -d 'show help'`,
    `complete -c tcptrace -n __fish_use_subcommand -a version -d 'show the version'`,
    `complete -c tcptrace -n '__fish_seen_subcommand_from help' -a ${quote(ids)}`,
    ...withWords.map(
      (command) =>
        `complete -c tcptrace -n '__fish_seen_subcommand_from ${command.id}' -a ${quote(command.argumentWords.join(' '))}`,
    ),
    ...commands
      .filter(takesFiles)
      .map(({id}) => `complete -c tcptrace -n '__fish_seen_subcommand_from ${id}' -F`),
    ...commands.flatMap((command) => flagsOf(command).map((flag) => flagLine(command, flag))),
    '',
  ].join('\n');
}
