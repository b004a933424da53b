#define _GNU_SOURCE
#include "ket/draw/columns.h"
#include "ket/draw/labels.h"
#include "ket/draw/rows.h"
#include "status.h"
#include <string.h>

/* Cells of a picture; each takes up to 3 bytes of text. */
enum { CELLS_MOST = 1 << 30 };

static ketch_status check_draw_options(const ketch_draw_options *options, ketch_error *error)
{
    if (options->width < 0)
        return kt_fail(error, KETCH_RANGE, "ketch_circuit_draw", "width",
                       kt_format("%d", options->width).text, "0 (not folded) or more",
                       "columns of text");
    if (options->ascii != 0 && options->ascii != 1)
        return kt_fail(error, KETCH_RANGE, "ketch_circuit_draw", "ascii",
                       kt_format("%d", options->ascii).text, "0 or 1", "ASCII alone");
    return KETCH_OK;
}

static ketch_status check_picture_size(const ktq_picture *p, const ktq_columns *columns,
                                       ketch_error *error)
{
    const uint64_t cells = ktq_rows_width(p, columns) * 2 * (uint64_t)ktq_picture_wires(p);
    if (cells <= CELLS_MOST)
        return KETCH_OK;
    return kt_fail(error, KETCH_LIMIT, "ketch_circuit_draw", "circuit",
                   kt_format("%llu", (unsigned long long)cells).text,
                   kt_format("%d: draw a part of the circuit", CELLS_MOST).text,
                   "characters of the picture");
}

/* Phases of the whole state are on no wire. */
static bool is_global_phase(const ktq_gate *gate)
{
    return gate->gate == KETCH_GATE_GPHASE && gate->control_count == 0;
}

/* Those of the circuit, in one line above the wires: the first few of them. */
static void print_global_phases(kt_printer *out, const ktq_picture *p)
{
    enum { SHOWN_MOST = 4 };
    int count = 0;
    for (size_t i = 0; i < ktq_circuit_gate_count(p->circuit) && count <= SHOWN_MOST; i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(p->circuit, i);
        if (!is_global_phase(gate))
            continue;
        kt_print(out, "%s", count ? ", " : "global phase: ");
        if (count++ < SHOWN_MOST)
            ktq_print_angle(out, p, gate, 0);
        else
            kt_print(out, "...");
    }
    kt_print(out, "%s", count ? "\n" : "");
}

ketch_status ketch_circuit_draw(char *text, size_t capacity, size_t *length,
                                const ketch_circuit *circuit, const ketch_draw_options *options,
                                ketch_error *error)
{
    ketch_draw_options known;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", text);
    KT_TRY(kt_read_options(&known, sizeof known, options, __func__, "options", error));
    KT_TRY(check_draw_options(&known, error));
    const ktq_picture picture = {circuit, known.parameters, known.ascii};
    ktq_columns columns;
    kt_printer out = {text, capacity, 0};
    ketch_status status = ktq_columns_make(&columns, &picture)
                              ? check_picture_size(&picture, &columns, error)
                              : kt_fail_heap(error, __func__);
    if (status == KETCH_OK) {
        print_global_phases(&out, &picture);
        if (!ktq_print_rows(&out, &picture, &columns, known.width))
            status = kt_fail_heap(error, __func__);
    }
    ktq_columns_free(&columns);
    if (status == KETCH_OK && length)
        *length = out.length;
    return status;
}
