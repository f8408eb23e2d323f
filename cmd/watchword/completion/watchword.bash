# bash completion for watchword
_watchword() {
    local IFS=$'\n'
    COMPREPLY=($("${COMP_WORDS[0]}" __complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
# Where nothing is known of a word it may be a file.
complete -o bashdefault -o default -F _watchword watchword
