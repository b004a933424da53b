# Reads the pages of help.c and calls, in their order:
#   begin_page(page, what)          page: the command's name, "" for the first page; what: its title
#   take_option(page, flags, argument, text)
#   take_shown(page, line)          a line that is shown as it stands, or "" between two of them
#   take_paragraph(page, text)
# A second script defines these: the manual page and completions cannot fall behind the help.

/^\{NULL,/ { end_item(); page = ""; is_title = 1 }
/^\{"/ { end_item(); page = $0; gsub(/[{",]/, "", page); is_title = 1 }
/^"/ { read_line(unquote($0)) }
END { end_item() }

function unquote(line) {
    sub(/^"/, "", line)
    sub(/\\n"(\},)?$/, "", line)
    gsub(/\\"/, "\"", line)
    gsub(/\\\\/, "\\", line)
    return line
}

# An option is "  --name ARGUMENT text" or "  -n, --name ARGUMENT text", with text from column 21. The
# text of a long one begins in the next line.
function read_line(line) {
    if (is_title) {
        is_title = 0
        begin_page(page, line)
    } else if (line ~ /^  (-[A-Za-z], )?--/) {
        end_item()
        kind = "option"
        is_long = line ~ /^  --[a-z-]+ [A-Z]+$/
        split_option(is_long ? line : substr(line, 3, 18))
        text = is_long ? "" : substr(line, 21)
    } else if (kind == "option" && substr(line, 1, 20) ~ /^ +$/ && length(line) > 20) {
        text = text (text == "" ? "" : " ") substr(line, 21)
    } else if (line ~ /^  /) {
        if (kind != "shown")
            end_item()
        kind = "shown"
        take_shown(page, substr(line, 3))
    } else if (line == "") {
        end_item()
    } else {
        if (kind != "paragraph")
            end_item()
        kind = "paragraph"
        text = text == "" ? line : text " " line
    }
}

# "-I, --include DIR" to flags "I include" and argument "DIR".
function split_option(head,   words, count, i) {
    sub(/^ +/, "", head)
    count = split(head, words, / +/)
    flags = argument = ""
    for (i = 1; i <= count; i++) {
        if (words[i] ~ /^-/) {
            gsub(/^--?|,$/, "", words[i])
            flags = flags (flags == "" ? "" : " ") words[i]
        } else if (words[i] != "") {
            argument = words[i]
        }
    }
}

function end_item() {
    if (kind == "option")
        take_option(page, flags, argument, text)
    else if (kind == "paragraph")
        take_paragraph(page, text)
    kind = text = ""
}
