# C text without comments, strings and characters; lines stay where they are.
{
    out = ""
    line = $0
    while (line != "") {
        if (inside) {
            end = index(line, "*/")
            if (!end)
                break
            line = substr(line, end + 2)
            inside = 0
        } else if (match(line, /\/\*|\/\/|"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/)) {
            token = substr(line, RSTART, 2)
            out = out substr(line, 1, RSTART - 1) " "
            if (token == "//")
                break
            if (token == "/*") {
                inside = 1
                line = substr(line, RSTART + 2)
            } else {
                out = out (line ~ /^[ \t]*#[ \t]*include/ ? substr(line, RSTART, RLENGTH) : "\"\"")
                line = substr(line, RSTART + RLENGTH)
            }
        } else {
            out = out line
            break
        }
    }
    print out
}
