import type {Command, Flag} from './commands.js';
import {CONTAINERS, HEAD, SERVICES, flagsOf, spellings, takesFiles} from './completion-common.js';

/** Escapes text between the quotes and brackets of zsh's _arguments. */
function escape(text = ''): string {
  return text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", `'\\''`);
}

function action({completion}: Flag): string {
  switch (completion.kind) {
    case 'words':
      return `(${completion.words.join(' ')})`;
    case 'list':
      return `_sequence compadd - ${completion.words.join(' ')}`;
    case 'file':
      return '_files';
    case 'pid':
      return '_sequence _pids';
    case 'user':
      return '_sequence _users';
    case 'service':
    case 'netns':
    case 'container':
      return `_sequence _tcptrace_${completion.kind}s`;
    case 'none':
      return ' ';
  }
}

function flagLines(flag: Flag): string {
  const takesValue = flag.type === 'option';
  const value = takesValue ? `:${escape(flag.helpValue ?? flag.name)}:${action(flag)}` : '';
  return spellings(flag)
    .map((name) => {
      const equals = takesValue && name.startsWith('--') ? '=' : '';
      return `      '*${name}${equals}[${escape(flag.description)}]${value}'`;
    })
    .join(' \\\n');
}

function commandCase(command: Command): string {
  const words = command.argumentWords;
  const argument = words.length > 0 ? `*:argument:(${words.join(' ')})` : '*:file:_files';
  const takesArgument = words.length > 0 || takesFiles(command);
  const flags = flagsOf(command).map(flagLines).join(' \\\n');
  return `    ${command.id})\n      _arguments -s \\\n${flags}${takesArgument ? ` \\\n      '${argument}'` : ''} ;;`;
}

export function zsh(commands: readonly Command[]): string {
  const list = commands.map(({id, summary}) => `    '${id}:${escape(summary)}'`);
  return `#compdef tcptrace
${HEAD}
_tcptrace_services() {
  compadd "$@" - \${(f)"$(${SERVICES})"}
}
_tcptrace_netnss() {
  compadd "$@" - /run/netns/*(N:t)
}
_tcptrace_containers() {
  compadd "$@" - \${(f)"$(${CONTAINERS})"}
}
_tcptrace() {
  local -a commands=(
${list.join('\n')}
    'help:show help'
    'version:show the version'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  # words after -- are those of the traced command
  local -i dashes=\${words[(i)--]}
  if ((dashes < CURRENT)); then
    shift dashes words
    ((CURRENT -= dashes))
    _normal
    return
  fi
  shift words
  ((CURRENT--))
  case $command in
    help) _describe command commands ;;
${commands.map(commandCase).join('\n')}
  esac
}
_tcptrace "$@"
`;
}
