/* Tells address sanitizer or valgrind which memory is out of bounds; otherwise nothing.
 * KT_POISON: no access. KT_UNPOISON: access again, contents undefined. KT_DEFINED: contents known
 * after all. */
#ifndef KT_POISON_H
#define KT_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define KT_POISON_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KT_POISON_ASAN 1
#endif
#endif

#if !defined(KT_POISON_ASAN) && defined(KETCH_DEBUG) && defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#define KT_POISON_VALGRIND 1
#endif
#endif

#if defined(KT_POISON_ASAN)
#include <sanitizer/asan_interface.h>
#define KT_POISON(memory, size) __asan_poison_memory_region((memory), (size))
#define KT_UNPOISON(memory, size) __asan_unpoison_memory_region((memory), (size))
#define KT_DEFINED(memory, size) ((void)(memory), (void)(size))
#elif defined(KT_POISON_VALGRIND)
#include <valgrind/memcheck.h>
#define KT_POISON(memory, size) ((void)VALGRIND_MAKE_MEM_NOACCESS((memory), (size)))
#define KT_UNPOISON(memory, size) ((void)VALGRIND_MAKE_MEM_UNDEFINED((memory), (size)))
#define KT_DEFINED(memory, size) ((void)VALGRIND_MAKE_MEM_DEFINED((memory), (size)))
#else
#define KT_POISON(memory, size) ((void)(memory), (void)(size))
#define KT_UNPOISON(memory, size) ((void)(memory), (void)(size))
#define KT_DEFINED(memory, size) ((void)(memory), (void)(size))
#endif

#endif
