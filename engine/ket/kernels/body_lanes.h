/* Shuffles for KTQ_LANE_BITS: part of the body (body.h), redefined at each inclusion.
 * KTQ_XOR: lane i from lane i ^ m.
 * KTQ_EVEN, KTQ_ODD: the real and the imaginary parts of two registers of interleaved numbers.
 * KTQ_ZIP_LOW, KTQ_ZIP_HIGH: the inverse: the interleaved numbers of the lower and upper lanes. */
#undef KTQ_XOR
#undef KTQ_EVEN
#undef KTQ_ODD
#undef KTQ_ZIP_LOW
#undef KTQ_ZIP_HIGH

#if KTQ_LANE_BITS == 1
#define KTQ_XOR(x, m) __builtin_shufflevector(x, x, 0 ^ (m), 1 ^ (m))
#define KTQ_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2)
#define KTQ_ODD(a, b) __builtin_shufflevector(a, b, 1, 3)
#define KTQ_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define KTQ_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#elif KTQ_LANE_BITS == 2
#define KTQ_XOR(x, m) __builtin_shufflevector(x, x, 0 ^ (m), 1 ^ (m), 2 ^ (m), 3 ^ (m))
#define KTQ_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define KTQ_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define KTQ_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define KTQ_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif KTQ_LANE_BITS == 3
#define KTQ_XOR(x, m)                                                                              \
    __builtin_shufflevector(x, x, 0 ^ (m), 1 ^ (m), 2 ^ (m), 3 ^ (m), 4 ^ (m), 5 ^ (m), 6 ^ (m),   \
                            7 ^ (m))
#define KTQ_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define KTQ_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define KTQ_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define KTQ_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define KTQ_XOR(x, m)                                                                              \
    __builtin_shufflevector(x, x, 0 ^ (m), 1 ^ (m), 2 ^ (m), 3 ^ (m), 4 ^ (m), 5 ^ (m), 6 ^ (m),   \
                            7 ^ (m), 8 ^ (m), 9 ^ (m), 10 ^ (m), 11 ^ (m), 12 ^ (m), 13 ^ (m),     \
                            14 ^ (m), 15 ^ (m))
#define KTQ_EVEN(a, b)                                                                             \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define KTQ_ODD(a, b)                                                                              \
    __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define KTQ_ZIP_LOW(a, b)                                                                          \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define KTQ_ZIP_HIGH(a, b)                                                                         \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif
