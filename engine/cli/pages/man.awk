# With help.awk: the manual page ketch.1, in mdoc.

function begin_page(page, title,   parts) {
    split(title, parts, / - /)
    if (page == "") {
        print ".Dd November 28, 2026\n.Dt KETCH 1\n.Os\n.Sh NAME\n.Nm ketch"
        print ".Nd " parts[2]
        return
    }
    synopsis = synopsis ".Nm\n.Cm " page (parts[1] ~ / FILE/ ? " Ar FILE" : "") "\n.Op Ar options\n"
    body = body switch_to("") ".Ss ketch " page "\n"
    is_first = 1
    add_text(toupper(substr(parts[2], 1, 1)) substr(parts[2], 2) ".")
}

# Ends a list or a display that is open, and begins another one: "list", "shown" or "" for neither.
function switch_to(what,   macros) {
    if (what == open)
        return ""
    macros = open == "list" ? ".El\n" : open == "shown" ? ".Ed\n" : ""
    macros = macros (what == "list" ? ".Bl -tag -width Ds\n" : what == "shown" ? ".Bd -literal -offset indent\n" : "")
    open = what
    return macros
}

function escape(line) {
    gsub(/\\/, "\\e", line)
    return line ~ /^[.']/ ? "\\&" line : line
}

# One sentence a line, folded to 78 columns.
function fold(text,   sentences, count, words, i, k, n, line, folded) {
    gsub(/[.] /, ".\n", text)
    count = split(text, sentences, "\n")
    for (i = 1; i <= count; i++) {
        n = split(sentences[i], words, / +/)
        line = ""
        for (k = 1; k <= n; k++) {
            if (length(line) + length(words[k]) > 76) {
                folded = folded escape(line) "\n"
                line = ""
            }
            line = line (line == "" ? "" : " ") words[k]
        }
        folded = folded escape(line) "\n"
    }
    return folded
}

function add_text(text) {
    body = body switch_to("") (is_first ? "" : ".Pp\n") fold(text)
    is_first = 0
}

function take_paragraph(page, text) {
    if (page == "" && text ~ /^Exit codes: /)
        status = text
    else
        add_text(text)
}

function take_shown(page, line) {
    if (page == "" && line ~ /^ketch /)
        return # the list of commands: each has its own section
    body = body switch_to("shown") escape(line) "\n"
    is_first = 0
}

function take_option(page, flags, argument, text,   names, count, i, item) {
    count = split(flags, names, " ")
    for (i = 1; i <= count; i++)
        item = item (i > 1 ? " , " : " ") (length(names[i]) > 1 ? "Fl Fl " : "Fl ") names[i]
    body = body switch_to("list") ".It" item (argument == "" ? "" : " Ar " argument) "\n" fold(text ".")
}

BEGIN { is_first = 1 }

END {
    print ".Sh SYNOPSIS"
    printf "%s", synopsis
    print ".Nm\n.Fl Fl help | Fl Fl version"
    print ".Sh DESCRIPTION"
    printf "%s%s", body, switch_to("")
    print ".Sh EXIT STATUS"
    printf "%s", fold(status)
}
