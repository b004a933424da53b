/* Results as lines of text, and those that tests/golden/bits.txt keeps for platforms. */
#ifndef BITS_H
#define BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS_LINES_MAX = 160, BITS_LINE_SIZE = 120 };

/* Lines "LABELNAME VALUE". */
typedef struct bits_list {
    const char *label;
    int count;
    char lines[BITS_LINES_MAX][BITS_LINE_SIZE];
} bits_list;

/* The 64-bit FNV-1a hash (Fowler, Noll, Vo) of what was hashed before and these bytes. */
uint64_t bits_hash(uint64_t before, const void *data, size_t size);
#define BITS_OF_NOTHING UINT64_C(0xcbf29ce484222325)

void bits_add(bits_list *list, const char *name, const char *value);
void bits_add_hash(bits_list *list, const char *name, uint64_t hash);

/* What results depend on besides the sources: "ARCHITECTURE COMPILER LIBRARY", the last a hash of
 * results of the C library's functions. fused: where the compiler may fuse a product and a sum,
 * which it does to one product or the other as it optimises, so its flags follow. */
const char *bits_platform(bool fused);

/* Whether that is so outside the vector kernels, too. */
#if (defined(__x86_64__) || defined(__i386__)) && !defined(__FMA__)
#define BITS_ALL_FUSED 0
#else
#define BITS_ALL_FUSED 1
#endif

/* Reads the lines kept for this platform; false where there are none. */
bool bits_open(void);
/* Whether there are any of that label. */
bool bits_kept(const char *label);
/* Where the kept lines of the list's label are others: the first of them, and how many; else "". */
const char *bits_differ(const bits_list *list);
/* Where two lists of the same label are not the same: likewise. */
const char *bits_disagree(const bits_list *a, const bits_list *b);

/* Prints the kept file, this platform's lines as anew prints them: those of fused arithmetic, or
 * those without. */
void bits_print(void (*anew)(bool fused));
/* Prints the kept lines of that label. */
void bits_print_kept(const char *label);

#endif
