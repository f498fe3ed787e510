import type {Command, Flag} from './commands.js';
import {BUILT_IN, CONTAINERS, HEAD, SERVICES, flagsOf, spellings, takesFiles} from './completion-common.js';

function reply({completion}: Flag): string {
  switch (completion.kind) {
    case 'words':
      return `mapfile -t COMPREPLY < <(compgen -W '${completion.words.join(' ')}' -- "$cur")`;
    case 'list':
      return `_tcptrace_list '${completion.words.join(' ')}'`;
    case 'file':
      return '_tcptrace_files';
    case 'pid':
      return '_tcptrace_list "$(cd /proc && echo [0-9]*)"';
    case 'user':
      return '_tcptrace_list "$(compgen -u)"';
    case 'service':
      return `_tcptrace_list "$(${SERVICES})"`;
    case 'netns':
      return '_tcptrace_list "$(ls /run/netns 2>/dev/null)"';
    case 'container':
      return `_tcptrace_list "$(${CONTAINERS})"`;
    case 'none':
      return 'COMPREPLY=()';
  }
}

/** Cases of `command:flag`, grouped by their reply. */
function cases(commands: readonly Command[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const command of commands)
    for (const flag of flagsOf(command).filter(({type}) => type === 'option')) {
      const known = patterns.get(reply(flag)) ?? [];
      known.push(...spellings(flag).map((name) => `${command.id}:${name}`));
      patterns.set(reply(flag), known);
    }
  return [...patterns].map(([text, names]) => `    ${names.join(' | ')}) ${text}; return ;;`);
}

function wordsOf(command: Command): string {
  const words = [...command.argumentWords, ...flagsOf(command).map(({name}) => `--${name}`)];
  return `    ${command.id}) words='${words.join(' ')}'${takesFiles(command) ? ' files=yes' : ''} ;;`;
}

export function bash(commands: readonly Command[]): string {
  const ids = commands.map(({id}) => id).join(' ');
  return `# shellcheck shell=bash
${HEAD}
_tcptrace_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
_tcptrace_list() {
  compopt -o nospace 2>/dev/null
  local before=''
  if [[ $cur == *,* ]]; then before=\${cur%,*},; fi
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "\${cur##*,}")
}
_tcptrace() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} words='' files=''
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${ids} ${BUILT_IN.join(' ')} --help --version' -- "$cur")
    return
  fi
  # words after -- are those of the traced command
  if [[ " \${COMP_WORDS[*]:0:COMP_CWORD} " == *' -- '* ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    return
  fi
  # bash splits --flag=value into three words
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  case $command:$prev in
${cases(commands).join('\n')}
  esac
  case $command in
    help) words='${ids}' ;;
${commands.map(wordsOf).join('\n')}
  esac
  if [[ -n $files && $cur != -* ]]; then _tcptrace_files; else mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"); fi
}
complete -F _tcptrace tcptrace
`;
}
