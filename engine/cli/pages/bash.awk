# With help.awk: completion for bash.

function begin_page(page, title) {
    if (page == "")
        return
    commands = commands " " page
    if (title !~ / FILE/)
        fileless = fileless "*," page " | "
}

# Words that an argument may be; "FILE" and "DIR" stand for files and folders.
function values_of(argument, text) {
    if (argument == "P")
        return "double single"
    if (argument == "WHEN")
        return "auto always never"
    if (argument == "RULE" || argument == "OPT")
        return argument == "RULE" ? "gradient hebbian bptt eprop" : "sgd adam adamw"
    if (argument == "MODE" || argument == "READ")
        return argument == "MODE" ? "compat clean" : "voltage spikes"
    if (argument == "DIR" || argument ~ /^(FILE|OUT)/)
        return argument == "DIR" ? "DIR" : "FILE"
    return text ~ /, or all / ? "all" : ""
}

function take_option(page, flags, argument, text,   names, count, i, flag, values) {
    count = split(flags, names, " ")
    for (i = 1; i <= count; i++) {
        flag = (length(names[i]) > 1 ? "--" : "-") names[i]
        options[page] = options[page] (options[page] == "" ? "" : " ") flag
        if (argument == "" || flag in is_known)
            continue
        is_known[flag] = 1
        values = values_of(argument, text)
        takers[values] = takers[values] (takers[values] == "" ? "" : " | ") flag
    }
}

function take_shown(page, line) {}
function take_paragraph(page, text) {}

# One case of a value, or of a word: what compgen answers.
function print_case(pattern, how) {
    if (pattern != "" && how != "")
        print "    " pattern ") mapfile -t COMPREPLY < <(compgen " how " -- \"$word\") ;;"
    else if (pattern != "")
        print "    " pattern ") ;;"
}

function how_to(values) {
    if (values == "DIR" || values == "FILE")
        return values == "DIR" ? "-d" : "-f"
    return values == "" ? "" : "-W '" values "'"
}

END {
    commands = substr(commands, 2)
    print "# Completion for the ketch command, made from its help."
    print "_ketch()\n{"
    print "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} options="
    print "    COMPREPLY=()"
    print "    [ \"$COMP_CWORD\" -gt 1 ] || before="
    print "    case $command in"
    count = split(commands, names, " ")
    for (i = 1; i <= count; i++)
        print "    " names[i] ") options='" options[names[i]] "' ;;"
    print "    help) options='" commands "' ;;\n    esac"
    print "    case $before in"
    print_case("''", "-W '" commands " help version --help --version'")
    for (values in takers)
        print_case(takers[values], how_to(values))
    print "    *)"
    print "        case $word,$command in"
    print_case("-* | *,help", "-W \"$options\"")
    print_case(fileless " *,version", "")
    print_case("*", "-f")
    print "        esac\n        ;;\n    esac\n}"
    print "complete -o filenames -F _ketch ketch"
}
