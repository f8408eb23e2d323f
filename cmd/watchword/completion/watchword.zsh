#compdef watchword
# zsh completion for watchword
_watchword() {
    local -a fitting
    fitting=("${(@f)$("${words[1]}" __complete zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${fitting[*]}" ]]; then
        _describe watchword fitting
    else
        _files # nothing is known of the word
    fi
}
if [[ "${funcstack[1]}" = _watchword ]]; then
    _watchword "$@" # it was autoloaded
else
    compdef _watchword watchword
fi
