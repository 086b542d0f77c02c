# Colours of ls, for interactive shells on a terminal.
[ -z "$PS1" ] && return
alias ll='ls -l --color=auto' 2>/dev/null
alias l.='ls -d .* --color=auto' 2>/dev/null
alias ls='ls --color=auto' 2>/dev/null
