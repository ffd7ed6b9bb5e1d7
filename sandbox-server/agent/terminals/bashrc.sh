# Palestra's shell integration: prompt, marks around each command (OSC 133; 633;E carries the line), then ~/.bashrc.
# Your own settings belong into ~/.bashrc. NONCE is replaced by a secret of this shell: marks without it are not believed.
echo 500 2>/dev/null >/proc/$$/oom_score_adj
shopt -s checkwinsize histappend
HISTSIZE=10000 HISTFILESIZE=20000 HISTCONTROL=
PS1='\[\e[1;32m\]$USER@lab\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' grep='grep --color=auto'
# in this order: the first sets the second
bind 'set enable-bracketed-paste on' 2>/dev/null
bind 'set enable-active-region off' 2>/dev/null
[ -r ~/.bashrc ] && . ~/.bashrc
__palestra_n=NONCE

# Printed by PS0, in a subshell, before each command: its line out of the history, and what the one before it left.
__palestra_begin() {
  local s=$?
  { local -; set +x; } 2>/dev/null
  local l number='^ *[0-9]+[* ] (.*)$'
  l=$(HISTTIMEFORMAT= builtin history 1)
  [[ $l =~ $number ]] && l=${BASH_REMATCH[1]}
  l=${l:0:4096}
  l=${l//\\/\\\\} l=${l//;/\\x3b} l=${l//$'\n'/\\x0a} l=${l//$'\t'/\\x09} l=${l//[[:cntrl:]]/?}
  builtin printf '\e]633;E;%s;%s\a\e]133;C;%s;%s\a' "$l" "$__palestra_n" "$s" "$__palestra_n"
}
__palestra_end() {
  local s=$?
  { local -; set +x; } 2>/dev/null
  builtin printf '\e]133;D;%s;%s\a' "$s" "$__palestra_n"
  builtin history -a 2>/dev/null
  return "$s"
}
# At every prompt, because conda, venv and learners set PS1 anew.
__palestra_prompt() {
  local s=$?
  { local -; set +x; } 2>/dev/null
  [[ $PS1 == *"$__palestra_n"* ]] || PS1="\\[\\e]133;A;$__palestra_n\\a\\]$PS1\\[\\e]133;B;$__palestra_n\\a\\]"
  [[ $PS0 == *__palestra_begin* ]] || PS0='$(__palestra_begin)'"$PS0"
  return "$s"
}
PROMPT_COMMAND=(__palestra_end "${PROMPT_COMMAND[@]}" __palestra_prompt)
