/* Sums of outer products, for reduced density matrices: part of the body (body.h). */

/* Four rows of the block, and as many columns as a vector has doubles. */
KTQ_INLINE void KTQ_K(add_outer_piece)(const ktq_outer *o, int32_t row, int32_t column)
{
    VD re[4] = {{0}}, im[4] = {{0}};
    for (int32_t e = 0; e < o->count; e++) {
        const double *const a = o->rows + 2 * e * KTQ_OUTER_SIZE + row;
        const double *const b = o->columns + 2 * e * KTQ_OUTER_SIZE + column;
        const VD b_re = *(const VD *)(const void *)b;
        const VD b_im = *(const VD *)(const void *)(b + KTQ_OUTER_SIZE);
        KTQ_UNROLL for (int j = 0; j < 4; j++)
        {
            re[j] += a[j] * b_re + a[KTQ_OUTER_SIZE + j] * b_im;
            im[j] += a[KTQ_OUTER_SIZE + j] * b_re - a[j] * b_im;
        }
    }
    for (int32_t j = 0; j < 4; j++) {
        double *const sums = o->sums + (row + j) * KTQ_OUTER_SIZE + column;
        *(VD *)(void *)sums += re[j];
        *(VD *)(void *)(sums + KTQ_OUTER_SIZE * KTQ_OUTER_SIZE) += im[j];
    }
}

/* See ktq_kernel_set. */
KTQ_KERNEL void KTQ_K(add_outer)(const ktq_outer *o)
{
    const int32_t step = (int32_t)(sizeof(VD) / sizeof(double));
    for (int32_t row = 0; row < o->size; row += 4)
        for (int32_t column = 0; column < o->size; column += step)
            KTQ_K(add_outer_piece)(o, row, column);
}
