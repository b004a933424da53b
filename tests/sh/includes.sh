#!/bin/sh
# Files that a circuit includes: beside it, in the folders of -I, and nowhere else.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

mkdir -p "$work/home/sub" "$work/lib/deep" "$work/outside" "$work/home-other"
home=$work/home
echo 'gate flip a { x a; }' >"$work/outside/out.inc"
cp "$work/outside/out.inc" "$work/home-other/out.inc"
echo 'gate flip a { x a; }' >"$home/beside.inc"
echo 'gate flip a { x a; }' >"$home/sub/below.inc"
echo 'include "deep/second.inc";' >"$work/lib/first.inc"
echo 'gate flip a { x a; }' >"$work/lib/deep/second.inc"
echo 'gate flip a { y y; }' >"$home/bad.inc"
ln -s ../outside/out.inc "$home/link.inc"
ln -s ../outside "$home/folder"
ln -s sub/below.inc "$home/inner.inc"
mkfifo "$home/pipe.inc"

# includes NAME: a circuit that includes it and flips its qubit.
includes() {
    printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\ninclude "%s";\nqreg q[1];\nflip q[0];\n' "$1" >"$home/c.qasm"
}
# takes NAME ARGUMENTS...: the file is read.
takes() {
    includes "$1"
    shift
    prints '^|1>' run "$home/c.qasm" "$@"
}
# leaves NAME PATTERN ARGUMENTS...: refused at the include.
leaves() {
    includes "$1"
    pattern=$2
    shift 2
    refuses 2 "^$home/c.qasm:3:9: include '.*': $pattern" run "$home/c.qasm" "$@"
}

tap_check "a file beside the circuit" takes beside.inc
tap_check "below it" takes sub/below.inc
tap_check "with .. that stays inside" takes sub/../beside.inc
tap_check "a link that stays inside" takes inner.inc
tap_check "a folder of -I" takes first.inc -I "$work/lib"
tap_check "joined to its letter" takes first.inc "-I$work/lib"
tap_check "--include is the same" takes first.inc --include "$work/lib"
tap_check "the second folder" takes first.inc -I "$work/outside" -I "$work/lib"
tap_check "a folder that is not there is told" refuses 2 "^ketch: --include $work/nowhere: No such file or directory$" run "$home/c.qasm" -I "$work/lib" -I "$work/nowhere"
tap_check "so is a file in its place" refuses 2 "^ketch: --include .*first.inc: Not a directory$" plan "$home/c.qasm" -I "$work/lib/first.inc"
tap_check "a link into a folder of -I stays outside of the circuit's" leaves link.inc 'a file outside of ' -I "$work/home-other"
tap_check "a link from one of these folders to another one is followed" takes link.inc -I "$work/outside"
tap_check "the name in that folder is read, too" takes out.inc -I "$work/outside"
tap_check "plan reads includes" ends 0 plan "$home/c.qasm" -I "$work/outside"
tap_check "bench reads includes" ends 0 bench "$home/c.qasm" -I "$work/outside" --threads 1 --repeat 1
tap_check "draw does" prints '^q\[0\]: ' draw "$home/c.qasm" -I "$work/outside"
tap_check "a circuit in the working folder" sh -c "cd '$home' && '$ketch' run c.qasm -I ../outside"
tap_check "-I is no option of resume" refuses 2 'not an option here: -I' resume "$home/c.qasm" -I "$work/lib"

tap_check "a file that is not there" leaves none.inc "no such file in '$home'; -I DIR adds a folder"
tap_check "nor in a folder of -I" leaves none.inc "no such file in '$home', '$work/lib'; " -I "$work/lib"
tap_check ".. out of the folder" leaves ../outside/out.inc 'a file outside of '
tap_check "into one whose name begins alike" leaves ../home-other/out.inc 'a file outside of '
tap_check "also from a folder of -I" leaves ../outside/out.inc 'a file outside of ' -I "$work/lib"
tap_check "a link out of it" leaves link.inc 'a file outside of '
tap_check "a link of a folder" leaves folder/out.inc 'a file outside of '
tap_check "an absolute path" leaves "$work/outside/out.inc" 'a file outside of '
tap_check "even one of the folder itself" leaves "$home/beside.inc" 'a file outside of '
tap_check "a folder" leaves sub 'Is a directory'
tap_check "a pipe" leaves pipe.inc 'not a regular file'
includes bad.inc
tap_check "a failure in it is told with its name" refuses 2 "c.qasm:1:17: .*, in the included 'bad.inc'" run "$home/c.qasm"
includes none.inc
tap_check "JSON of a failure" ends 2 run "$home/c.qasm" --json
tap_check "has the place" says out '^{"status": "OFF", "exit": 2, "message": "include .none.inc.: no such file .*, "line": 3, "column": 9'

# ---- standard input has no folder
includes beside.inc
"$ketch" run - <"$home/c.qasm" >"$work/out" 2>"$work/err"
tap_check "a text includes nothing" says err "^<stdin>:3:9: include 'beside.inc': a text from standard input"
(cd "$home" && "$ketch" run - <c.qasm) >"$work/out" 2>"$work/err"
tap_check "not from the working folder either" says err "^<stdin>:3:9: "
"$ketch" run - -I "$home" <"$home/c.qasm" >"$work/out" 2>"$work/err"
tap_check "but from folders of -I" says out '^|1>'

# ---- a saved run has all of it
tap_check "a run with includes is saved" takes beside.inc --save "$work/run.ketch"
rm -r "$home"
tap_check "and resumed without its files" prints '^|1>' resume "$work/run.ketch"
tap_done
