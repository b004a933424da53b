/* The table of stages that carries out a program on a state, and the job's advance. */
#include "ket/run/run.h"

#include "engine.h"
#include "ket/run/coverage.h"
#include "ket/run/events.h"
#include "ket/run/final_sums.h"
#include "ket/run/touch.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* ---- passes ---- */

static const ktq_pass *pass_of(const ktq_run *run)
{
    return &run->program->passes[run->at.pass];
}

/* Bytes that the pass reads and writes: all amplitudes of its tiles are written, and those that are
 * valid are read. */
static uint64_t pass_bytes(const ktq_run *run, uint64_t tiles)
{
    const ktq_pass *const pass = pass_of(run);
    const uint64_t size = (ktq_amplitude_size(run->program->plan->precision) * tiles)
                          << pass->frame.bits;
    return size + (size >> kt_bit_count(ktq_coverage_fresh(run, pass)));
}

static ketch_status begin_pass(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    const ktq_tiles tiles = ktq_coverage_tiles(run, pass_of(run));
    run->observables.tiles = tiles;
    ktq_touch_begin(run, pass_of(run), &tiles);
    sweep->count = ktq_tiles_count(&tiles);
    sweep->steps = pass_of(run)->retired - run->at.retired;
    ketch_context_count(context, pass_bytes(run, sweep->count));
    return KETCH_OK;
}

static ketch_status pass_body(uint64_t tile, int32_t worker, void *user)
{
    ktq_run *const run = user;
    KT_TRY(ktq_touch(run, worker));
    const ketch_program *const p = run->program;
    const ktq_pass *const pass = pass_of(run);
    void *const amplitudes = run->state->amplitudes;
    if (p->plan->is_small) {
        p->plan->set->apply_small(&pass->small, amplitudes);
        return KETCH_OK;
    }
    void *const scratch = ketch_context_scratch(run->context, worker);
    const ktq_tiles tiles = ktq_coverage_tiles(run, pass);
    const ktq_visit visit = {.base = ktq_tiles_base(&tiles, tile),
                             .unwritten = ktq_coverage_fresh(run, pass),
                             .index = run->at.index,
                             .is_zeroed = run->at.blank,
                             .non_temporal = ktq_state_exceeds_caches(run->state)};
    if (run->at.pass == run->observables.pass)
        ktq_observables_tile(&run->observables, p, amplitudes, scratch, tile, &visit);
    else
        p->plan->set->apply_tile(pass, amplitudes, scratch, &visit);
    return KETCH_OK;
}

/* ---- shots ---- */

static ketch_status end_shot(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_run *const run = user;
    ktq_position *const at = &run->at;
    at->shot++;
    at->started = false;
    at->segment = 0;
    at->retired = 0;
    next->stage = at->shot < run->repeats ? KTQ_STAGE_SHOT : KETCH_STAGE_DONE;
    return KETCH_OK;
}

/* The shot's last segment has ended and all of the state's memory is written. */
static ketch_status end_fill_last(ketch_context *context, ketch_next *next, void *user)
{
    ktq_run *const run = user;
    ktq_fill_done(run);
    if (!run->observables.count || run->observables.has_ended)
        return end_shot(context, next, user);
    next->stage = KTQ_STAGE_SUMS;
    return KETCH_OK;
}

/* ---- segments ---- */

static bool is_met(const ktq_run *run, const ktq_condition *condition)
{
    if (!condition->count)
        return true;
    if (condition->count < 64 && condition->value >> condition->count)
        return false; /* more than the bits can hold */
    const uint8_t *const row = ktq_run_row(run, run->at.shot) + condition->first;
    for (uint32_t i = 0; i < condition->count; i++)
        if (row[i] != (i < 64 ? condition->value >> i & 1 : 0))
            return false;
    return true;
}

/* In a run from a basis state the passes of the first segment of gates that only permute are skipped:
 * the basis state was permuted instead. */
static int32_t enter_gates(ktq_run *run, const ktq_segment *s)
{
    const bool arranged = run->from_basis && run->at.segment == run->program->plan->first_resets;
    const size_t first = arranged ? s->arrange_count : 0;
    run->at.pass = s->first_pass + first;
    const bool runs = first < s->pass_count && is_met(run, &s->condition);
    return runs ? KTQ_STAGE_PASS : KTQ_STAGE_FILL_AFTER;
}

static ketch_status end_fill_before(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_run *const run = user;
    const ktq_segment *const s = ktq_run_segment(run);
    ktq_fill_done(run);
    if (!is_met(run, &s->condition))
        next->stage = KTQ_STAGE_FILL_AFTER;
    else
        next->stage = s->kind == KTQ_SEGMENT_SAMPLE ? KTQ_STAGE_WEIGHT_ALL : KTQ_STAGE_OUTCOMES;
    return KETCH_OK;
}

static ketch_status enter_segment(ketch_context *context, ketch_next *next, void *user)
{
    ktq_run *const run = user;
    if (run->at.segment == run->program->plan->segments.count) {
        next->stage = KTQ_STAGE_FILL_LAST;
        return ktq_fill_is_needed(run) ? KETCH_OK : end_fill_last(context, next, user);
    }
    const ktq_segment *const s = ktq_run_segment(run);
    if (run->from_basis && run->at.segment < run->program->plan->first_resets) {
        ktq_entry_reset(run, s->qubit);
        run->at.measured++; /* as if its outcome had been drawn */
        next->stage = KTQ_STAGE_FILL_AFTER;
        return KETCH_OK;
    }
    if (s->kind != KTQ_SEGMENT_GATES && !ktq_fill_is_needed(run))
        return end_fill_before(context, next, user);
    next->stage = s->kind == KTQ_SEGMENT_GATES ? enter_gates(run, s) : KTQ_STAGE_FILL_BEFORE;
    return KETCH_OK;
}

static ketch_status end_entry(ketch_context *context, ketch_next *next, void *user)
{
    ktq_entry_done(user);
    return enter_segment(context, next, user);
}

static ketch_status begin_fill_after(ketch_context *context, ketch_sweep *sweep, void *user)
{
    return ktq_run_segment(user)->has_fence ? ktq_fill_begin(context, sweep, user) : KETCH_OK;
}

static void note_done(ktq_run *run)
{
    run->state->done = run->at.shot * run->program->plan->steps + run->at.retired;
}

static ketch_status stand_at_fence(ktq_run *run, ketch_next *next)
{
    ktq_fill_done(run);
    note_done(run);
    run->state->mode = KTQ_STATE_FENCE;
    *next = (ketch_next){KETCH_STAGE_FENCE, KTQ_STAGE_SEGMENT, run->state};
    return KETCH_OK;
}

static ketch_status end_segment(ketch_context *context, ketch_next *next, void *user)
{
    ktq_run *const run = user;
    const ktq_segment *const s = ktq_run_segment(run);
    if (s->retired > run->at.retired) {
        ketch_context_retire(context, s->retired - run->at.retired);
        run->at.retired = s->retired;
    }
    run->at.segment++;
    return s->has_fence ? stand_at_fence(run, next) : enter_segment(context, next, user);
}

static ketch_status end_collapse(ketch_context *context, ketch_next *next, void *user)
{
    ktq_collapse_done(user);
    return end_segment(context, next, user);
}

static ketch_status end_pass(ketch_context *context, ketch_next *next, void *user)
{
    ktq_run *const run = user;
    const ktq_segment *const s = ktq_run_segment(run);
    run->at.retired = pass_of(run)->retired;
    run->observables.is_filled = run->at.pass == run->observables.pass;
    ktq_coverage_add(run, pass_of(run));
    next->stage = KTQ_STAGE_PASS;
    if (++run->at.pass < s->first_pass + s->pass_count)
        return KETCH_OK;
    next->stage = KTQ_STAGE_FILL_AFTER;
    return s->has_fence ? KETCH_OK : end_segment(context, next, user);
}

static const ketch_stage stages[KTQ_STAGES] = {
    [KTQ_STAGE_SHOT] = {NULL, ktq_entry_begin, ktq_entry_body, end_entry},
    [KTQ_STAGE_SEGMENT] = {NULL, NULL, NULL, enter_segment},
    [KTQ_STAGE_PASS] = {NULL, begin_pass, pass_body, end_pass},
    [KTQ_STAGE_FILL_BEFORE] = {NULL, ktq_fill_begin, ktq_fill_body, end_fill_before},
    [KTQ_STAGE_OUTCOMES] = {NULL, ktq_weight_begin, ktq_outcomes_body, ktq_outcomes_end},
    [KTQ_STAGE_COLLAPSE] = {NULL, ktq_collapse_begin, ktq_run_collapse_body, end_collapse},
    [KTQ_STAGE_WEIGHT_ALL] = {"shots", ktq_weight_begin_all, ktq_run_weight_body,
                              ktq_weight_end_all},
    [KTQ_STAGE_DRAW] = {NULL, ktq_draw_begin, ktq_draw_body, NULL},
    [KTQ_STAGE_LOCATE] = {NULL, ktq_locate_begin, ktq_locate_body, NULL},
    [KTQ_STAGE_ROWS] = {NULL, ktq_rows_begin, ktq_rows_body, ktq_rows_end},
    [KTQ_STAGE_WEIGHT_OUTCOME] = {NULL, ktq_weight_begin, ktq_run_weight_body,
                                  ktq_weight_end_outcome},
    [KTQ_STAGE_PROJECT] = {NULL, ktq_project_begin, ktq_run_project_body, NULL},
    [KTQ_STAGE_FILL_AFTER] = {NULL, begin_fill_after, ktq_fill_body, end_segment},
    [KTQ_STAGE_FILL_LAST] = {NULL, ktq_fill_begin, ktq_fill_body, end_fill_last},
    [KTQ_STAGE_SUMS] = {"observables", ktq_sums_begin, ktq_sums_body, ktq_sums_end},
    [KTQ_STAGE_PAULIS] = {NULL, ktq_paulis_begin, ktq_paulis_body, ktq_paulis_end},
    [KTQ_STAGE_VARIANCE] = {NULL, ktq_variances_begin, ktq_variances_body, ktq_variances_end},
    [KTQ_STAGE_PROBABILITIES] = {NULL, ktq_probabilities_begin, ktq_probabilities_body,
                                 ktq_probabilities_end},
    [KTQ_STAGE_SHOT_END] = {NULL, NULL, NULL, end_shot},
};

/* ---- the job ---- */

/* Takes the state back for the run: it must not have been written, and it moves to other memory if
 * a view of it was taken at a fence. */
static ketch_status regain_state(ketch_context *context, ktq_run *run)
{
    if (run->state->changes != run->changes)
        return ketch_context_fail(context, 0, KETCH_MISMATCH, "state", NULL, NULL,
                                  "the state was set anew since the run was suspended: the run "
                                  "cannot go on");
    const bool keep = !run->state->is_basis && (run->at.started || !run->from_basis);
    const ketch_status status = ktq_state_unshare(run->state, keep, __func__, NULL);
    if (status == KETCH_OK)
        return status;
    return ketch_context_fail(context, 0, status, "state", NULL, NULL,
                              "not enough memory to move the state away from a view that holds its "
                              "block: drop the view");
}

/* The mode of the state until the run goes on: what it may be used for. */
static ktq_state_mode mode_after(const ketch_context *context, const ktq_run *run)
{
    if (run->at.stage == KTQ_STAGES)
        return KTQ_STATE_READY;
    return ketch_context_at_fence(context) ? KTQ_STATE_FENCE : KTQ_STATE_SUSPENDED;
}

ketch_status ktq_run_advance(ketch_context *context, void *user)
{
    ktq_run *const run = user;
    KT_TRY(regain_state(context, run));
    run->context = context;
    run->state->mode = KTQ_STATE_RUNNING;
    const ketch_status status =
        ketch_context_stages(context, stages, KTQ_STAGES, &run->at.stage, run);
    run->state->mode = mode_after(context, run);
    note_done(run);
    return status;
}
