# With help.awk: completion for zsh.

# Awks read backslashes in what gsub puts in differently.
function exchange(text, sign, put,   parts, total, i, out) {
    total = split(text, parts, sign)
    out = parts[1]
    for (i = 2; i <= total; i++)
        out = out put parts[i]
    return out
}

# A text inside an _arguments specification, in quotes: the first words of the explanation.
function shorten(text) {
    sub(/ ?[(;].*/, "", text)
    gsub(/["\\]|\[|\]/, "", text)
    return exchange(exchange(text, ":", "\\:"), "'", "'\\''")
}

function begin_page(page, title,   parts) {
    if (page == "")
        return
    split(title, parts, / - /)
    takes_file[page] = title ~ / FILE/
    order[++count] = page
    described[page] = shorten(parts[2])
}

function action_of(argument, text) {
    if (argument == "P")
        return "(double single)"
    if (argument == "WHEN")
        return "(auto always never)"
    if (argument == "RULE" || argument == "OPT")
        return argument == "RULE" ? "(gradient hebbian bptt eprop)" : "(sgd adam adamw)"
    if (argument == "MODE" || argument == "READ")
        return argument == "MODE" ? "(compat clean)" : "(voltage spikes)"
    if (argument == "DIR")
        return "_files -/"
    if (argument ~ /^(FILE|OUT)/)
        return "_files"
    return text ~ /, or all / ? "(all)" : ""
}

function take_option(page, flags, argument, text,   names, total, i, flag, spec) {
    total = split(flags, names, " ")
    for (i = 1; i <= total; i++) {
        flag = (length(names[i]) > 1 ? "--" : "-") names[i]
        spec = flag (length(names[i]) > 1 && argument != "" ? "=" : argument != "" ? "+" : "")
        spec = (text ~ / times at most/ ? "*" : "") spec "[" shorten(text) "]"
        if (argument != "")
            spec = spec ":" argument ":" action_of(argument, text)
        options[page] = options[page] " \\\n            '" spec "'"
    }
}

function take_shown(page, line) {}
function take_paragraph(page, text) {}

END {
    print "#compdef ketch\n# Completion for the ketch command, made from its help."
    print "_ketch()\n{"
    print "    local -a commands=("
    for (i = 1; i <= count; i++)
        print "        '" order[i] ":" described[order[i]] "'"
    print "        'help:the help of a command'\n        'version:the version'\n    )"
    print "    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi"
    print "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))"
    print "    case $command in"
    for (i = 1; i <= count; i++) {
        printf "    %s)\n        _arguments", order[i]
        printf "%s", options[order[i]]
        print (takes_file[order[i]] ? " \\\n            '1:FILE:_files'" : "") "\n        ;;"
    }
    print "    help) _describe command commands ;;\n    esac\n}"
    print "_ketch \"$@\""
}
