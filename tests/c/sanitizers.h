/* What the build is checked by. */
#ifndef KT_TEST_SANITIZERS_H
#define KT_TEST_SANITIZERS_H

#if defined(__has_feature)
#define SANITIZES(name) __has_feature(name)
#else
#define SANITIZES(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || SANITIZES(address_sanitizer)
#define WITH_ASAN 1
#else
#define WITH_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__) || SANITIZES(thread_sanitizer)
#define WITH_TSAN 1
#else
#define WITH_TSAN 0
#endif

#endif
