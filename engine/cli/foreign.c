#define _GNU_SOURCE
#include "cli/foreign.h"

#include <string.h>

typedef struct file_kind {
    const char *begin;
    size_t size;
    const char *what;
} file_kind;

static const file_kind file_kinds[] = {
    {"\x89ketch\r\n", 8, "a saved run; to go on with it: ketch resume FILE"},
    {"ketch costs ", 12, "a table of costs; to plan by it: ketch run CIRCUIT --costs FILE"},
    {"\x93NUMPY", 6, "a NumPy array, and no circuit"},
    {"\x1f\x8b", 2, "compressed, and no circuit: decompress it first"},
    {"PK\x03\x04", 4, "an archive, and no circuit: unpack it first"},
    {"\x7f"
     "ELF",
     4, "a program, and no circuit"},
};

static bool begins_with(const char *text, size_t length, const char *begin, size_t size)
{
    return length >= size && memcmp(text, begin, size) == 0;
}

const char *kt_foreign_file(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof file_kinds / sizeof file_kinds[0]; i++)
        if (begins_with(text, length, file_kinds[i].begin, file_kinds[i].size))
            return file_kinds[i].what;
    return NULL;
}

/* The text behind blanks and comments. */
static const char *skip_comments(const char *text, const char *end)
{
    for (;;) {
        while (text < end && strchr(" \t\r\n", *text) && *text)
            text++;
        const bool comment = end - text >= 2 && text[0] == '/' && text[1] == '/';
        const char *const newline = comment ? memchr(text, '\n', (size_t)(end - text)) : NULL;
        if (!comment)
            return text;
        text = newline ? newline : end;
    }
}

static bool has_word(const char *text, size_t length, const char *word)
{
    return memmem(text, length, word, strlen(word)) != NULL;
}

const char *kt_foreign_empty(const char *text, size_t length, const ketch_error *error)
{
    if (skip_comments(text, text + length) == text + length)
        return "there is no circuit in it: it is empty";
    if (error->status == KETCH_RANGE && !has_word(text, length, "qreg"))
        return "there is no circuit in it: it declares no qubits, as in \"qreg q[2];\"";
    return NULL;
}

const char *kt_foreign_hint(const char *text, size_t length)
{
    const char *const end = text + length, *const first = skip_comments(text, end);
    const size_t rest = (size_t)(end - first);
    if (begins_with(first, rest, "OPENQASM 2", 10))
        return NULL;
    if (begins_with(first, rest, "OPENQASM 3", 10))
        return "; is this OpenQASM 3?";
    if (has_word(text, length, "stdgates.inc") || has_word(text, length, "qubit["))
        return "; is this OpenQASM 3? ketch reads OpenQASM 2.0";
    if (begins_with(first, rest, "import ", 7) || begins_with(first, rest, "from ", 5))
        return "; is this Python? ketch reads OpenQASM 2.0";
    return NULL;
}
