# fish completion for watchword
function __watchword_complete
    set -l words (commandline -opc)
    set -l fitting ($words[1] __complete fish -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test (count $fitting) -gt 0
        string join \n -- $fitting
    else
        __fish_complete_path (commandline -ct) # nothing is known of the word
    end
end
complete -c watchword -f -a '(__watchword_complete)'
