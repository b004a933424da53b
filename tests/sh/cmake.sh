#!/bin/sh
# A CMake project finds what make install leaves, after it was moved, and builds with it.
. "$(dirname "$0")/tap.sh"

command -v cmake >/dev/null || tap_skip_all "cmake is not installed"
command -v "${CXX:-c++}" >/dev/null || tap_skip_all "there is no C++ compiler"
MAKEFLAGS=
export MAKEFLAGS
tap_check "make install" make -C "$builddir" install DESTDIR="$work/staged"
mv "$work/staged" "$work/moved"
config=$(find "$work/moved" -name ketchConfig.cmake)
tap_check "ketchConfig.cmake is installed" test -f "$config"
tap_check "it lies in lib/cmake/ketch" test "$(echo "$config" | grep -c '/cmake/ketch/ketchConfig\.cmake$')" = 1
libdir=$(cd "$(dirname "$config")/../.." && pwd)

# cmake_in NAME ARGUMENT...: configures the project of tests/cmake, or of $project, in a folder of its own.
cmake_in() {
    name=$1
    shift
    cmake -S "${project:-$srcdir/tests/cmake}" -B "$work/$name" -Dketch_DIR="$(dirname "$config")" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCMAKE_EXE_LINKER_FLAGS="${LDFLAGS:-}" "$@"
}

runs() {
    [ -x "$1" ] && [ "$("$1")" = "0.500 0.000 0.000 0.500" ]
}

programs_run() {
    tap_check "a program in C on $1 runs" runs "$work/all/c_$1"
    tap_check "a program in C++ on $1 runs" runs "$work/all/cpp_$1"
}

# The libraries that a program asks the loader for: one named ketch.
asks_for_ketch() {
    readelf -d "$1" | grep -q 'NEEDED.*libketch\.so'
}

tap_check "the project is configured" cmake_in all
tap_check "and built" cmake --build "$work/all"
programs_run ketch
if [ -e "$libdir/libketch.so" ]; then
    tap_check "ketch::ketch is the shared library" asks_for_ketch "$work/all/c_ketch"
fi
if [ -e "$libdir/libketch.a" ]; then
    programs_run ketch_static
    asks_for_ketch "$work/all/c_ketch_static"
    tap_check "ketch::ketch_static is the static library" test $? -ne 0
fi

# A project that only asks for a version: VERSION, and whether it should be found.
project=$work/asks
mkdir "$project"
cat >"$project/CMakeLists.txt" <<'EOS'
cmake_minimum_required(VERSION 3.19)
project(asks LANGUAGES C)
find_package(ketch ${ask} CONFIG)
if(NOT ketch_FOUND EQUAL found)
  message(FATAL_ERROR "ketch ${ask}: found is ${ketch_FOUND}")
endif()
EOS
version() {
    tap_check "version $1: found is $2" cmake_in "$(echo "ask$1" | tr -c 'a-z0-9' _)" -Dask="$1" -Dfound="$2"
}
major=${VERSION%%.*}
version "$VERSION" 1
version "$VERSION;EXACT" 1
version "$major" 1
version "$((major + 1))" 0
version "$major.999" 0
version "$major.999;EXACT" 0
version "$major...$((major + 1))" 1
version "$major...<$VERSION" 0

# Only the static library is there: ketch::ketch is that one.
if [ -e "$libdir/libketch.a" ]; then
    find "$libdir" -name 'libketch.so*' -exec rm {} +
    project=
    tap_check "without the shared library the project is configured" cmake_in alone
    tap_check "and built" cmake --build "$work/alone" --target c_ketch
    tap_check "and runs" runs "$work/alone/c_ketch"
    find "$libdir" -name 'libketch.a' -exec rm {} +
    cmake_in none >"$work/none.log" 2>&1
    tap_check "without any library it is not found" grep -q 'there is no ketch library' "$work/none.log"
fi
tap_done
