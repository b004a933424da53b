/* A job of your own: heat flows over a plate. Everything that circuits have, any computation in
 * steps can have: workers, arena memory, hooks at fences, stop, resume to the same bits, and runs
 * that are saved and go on in another process. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "ketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 256, BAND = 16, SWEEPS = 400, FENCE_EVERY = 100 };

/* A square of side x side cells, in bands of BAND rows. Each sweep reads one grid and writes the
 * other; there is a fence after every fence_every of them. stop_in: the sweep that asks for a stop,
 * as a Ctrl-C or another thread might at any time; 0: none. */
typedef struct plate {
    size_t side;
    uint64_t sweeps, fence_every, stop_in;
    ketch_block *blocks[2];
    double *now, *next;
    uint64_t sweep; /* those that are done */
    ketch_stop stop;
} plate;

static ketch_error error = {.size = sizeof error};

static void must(ketch_status status)
{
    if (status >= KETCH_OK) /* a stop is no failure */
        return;
    fprintf(stderr, "%s: %s\n", ketch_status_name(status), error.message);
    exit(1);
}

static uint64_t grid_bytes(const plate *p)
{
    return p->side * p->side * sizeof(double);
}

/* ---- the job: one band of rows, one sweep after the other ---- */

static ketch_status flow_band(uint64_t band, int32_t worker, void *user)
{
    (void)worker;
    plate *const p = user;
    const size_t side = p->side, first = band * BAND, last = first + BAND;
    for (size_t y = first > 0 ? first : 1; y < last && y < side - 1; y++) {
        const double *const row = p->now + y * side, *const above = row - side;
        const double *const below = row + side;
        double *const out = p->next + y * side;
        for (size_t x = 1; x < side - 1; x++)
            out[x] = row[x] + 0.2 * (row[x - 1] + row[x + 1] + above[x] + below[x] - 4.0 * row[x]);
    }
    if (p->stop_in == p->sweep + 1 && band == 5)
        ketch_stop_set(&p->stop);
    return KETCH_OK;
}

/* To the next fence or the end. Where a call says stop, we return at once; when the run is resumed
 * we make the same call again, and it does the rest of its bands. */
static ketch_status flow_on(ketch_context *context, void *user)
{
    plate *const p = user;
    while (p->sweep < p->sweeps) {
        const ketch_status status =
            ketch_context_parallel(context, p->side / BAND, 1, flow_band, p);
        if (status != KETCH_OK)
            return status;
        ketch_context_count(context, 2 * grid_bytes(p));
        double *const done = p->next;
        p->next = p->now;
        p->now = done;
        if (++p->sweep % p->fence_every == 0)
            return ketch_context_fence(context, p->now);
    }
    return KETCH_OK;
}

/* ---- its memory: taken when a run begins, given back with its result ---- */

/* Cold, but for its upper edge. */
static double *fill_grid(const plate *p, ketch_block *block)
{
    double *const grid = ketch_block_data(block);
    for (size_t cell = 0; cell < p->side * p->side; cell++)
        grid[cell] = cell < p->side ? 1.0 : 0.0;
    return grid;
}

/* After a failure nothing is taken. */
static ketch_status take_plate(ketch_job *job, ketch_engine *engine, ketch_error *failure)
{
    plate *const p = job->user;
    ketch_arena *const arena = ketch_engine_arena(engine);
    ketch_status status = ketch_block_take(&p->blocks[0], arena, grid_bytes(p), "plate", failure);
    if (status != KETCH_OK)
        return status;
    status = ketch_block_take(&p->blocks[1], arena, grid_bytes(p), "plate", failure);
    if (status != KETCH_OK) {
        ketch_block_drop(p->blocks[0]);
        return status;
    }
    job->steps = p->sweeps;
    p->now = fill_grid(p, p->blocks[0]);
    p->next = fill_grid(p, p->blocks[1]);
    return KETCH_OK;
}

static void give_plate(void *user)
{
    plate *const p = user;
    ketch_block_drop(p->blocks[0]);
    ketch_block_drop(p->blocks[1]);
}

/* What take_plate takes. */
static ketch_status need_plate(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                               ketch_error *failure)
{
    (void)engine, (void)failure;
    ketch_need_add(need, "plate", grid_bytes(job->user));
    ketch_need_add(need, "plate", grid_bytes(job->user));
    return KETCH_OK;
}

/* ---- its files: all that must be there to go on, also in the middle of a sweep ---- */

static ketch_status save_plate(ketch_writer *writer, const void *user)
{
    const plate *const p = user;
    const uint64_t numbers[4] = {p->side, p->sweeps, p->fence_every, p->sweep};
    ketch_status status = ketch_writer_section(writer, "numbers", numbers, sizeof numbers);
    if (status == KETCH_OK)
        status = ketch_writer_section(writer, "now", p->now, grid_bytes(p));
    if (status == KETCH_OK)
        status = ketch_writer_section(writer, "next", p->next, grid_bytes(p));
    return status;
}

/* context: the plate to fill in. */
static ketch_status load_plate(ketch_job *job, ketch_reader *reader, void *context,
                               ketch_engine *engine, ketch_error *failure)
{
    plate *const p = context;
    uint64_t numbers[4];
    ketch_status status = ketch_reader_section(reader, "numbers", numbers, sizeof numbers, failure);
    if (status != KETCH_OK)
        return status;
    *p = (plate){.side = (size_t)numbers[0], .sweeps = numbers[1], .fence_every = numbers[2]};
    p->sweep = numbers[3];
    job->user = p;
    status = take_plate(job, engine, failure);
    if (status != KETCH_OK)
        return status;
    status = ketch_reader_section(reader, "now", p->now, grid_bytes(p), failure);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "next", p->next, grid_bytes(p), failure);
    if (status != KETCH_OK)
        give_plate(p);
    return status;
}

static const ketch_job_type plate_type = {.size = sizeof(ketch_job_type),
                                          .name = "example.plate",
                                          .version = 1,
                                          .advance = flow_on,
                                          .release = give_plate,
                                          .prepare = take_plate,
                                          .need = need_plate,
                                          .save = save_plate,
                                          .load = load_plate};

/* ---- the program around it ---- */

/* Called where exactly step->done sweeps have happened, with the grid to look at. */
static int32_t show(const ketch_step *step, void *user)
{
    (void)user;
    const double *const grid = step->view;
    if (!grid) /* a tick: only progress */
        return 0;
    double heat = 0.0;
    for (size_t cell = 0; cell < SIDE * SIDE; cell++)
        heat += grid[cell];
    printf("%3.0f %%: sweep %d of %d, mean heat %.4f\n", 100.0 * step->fraction, (int)step->done,
           (int)step->total, heat / (SIDE * SIDE));
    return 0;
}

static plate new_plate(uint64_t stop_in)
{
    return (plate){.side = SIDE, .sweeps = SWEEPS, .fence_every = FENCE_EVERY, .stop_in = stop_in};
}

static ketch_job job_of(plate *p)
{
    return (ketch_job){.size = sizeof(ketch_job), .type = &plate_type, .user = p};
}

static void print_need(const ketch_engine *engine)
{
    plate p = new_plate(0);
    const ketch_job job = job_of(&p);
    ketch_need need = {.size = sizeof need};
    must(ketch_job_need(&need, engine, &job, &error));
    printf("needs %d MiB\n", (int)(need.bytes >> 20));
}

/* How often the arena had to ask the system for memory. */
static int maps_of(const ketch_engine *engine)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    must(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), &error));
    return (int)stats.maps;
}

static void flow_undisturbed(ketch_engine *engine, double *grid)
{
    plate p = new_plate(0);
    const ketch_job job = job_of(&p);
    const ketch_run run = {.size = sizeof run, .hook = show};
    ketch_result *result;
    must(ketch_engine_run(&result, engine, &job, &run, &error));
    memcpy(grid, p.now, grid_bytes(&p));
    ketch_result_destroy(result); /* gives the plate's memory back, too */
}

static void flow_with_a_stop(ketch_engine *engine, const double *expected)
{
    plate p = new_plate(137);
    const ketch_job job = job_of(&p);
    const ketch_run run = {.size = sizeof run, .stop = &p.stop};
    ketch_result *result;
    must(ketch_engine_run(&result, engine, &job, &run, &error));
    ketch_position position = {.size = sizeof position};
    must(ketch_result_get_position(&position, result, &error));
    printf("%s %s\n", ketch_status_name(ketch_result_status(result)),
           position.fence ? "at a fence" : "between two fences");

    ketch_stop_clear(&p.stop);
    must(ketch_engine_resume(engine, result, &run, &error));
    const int same = memcmp(p.now, expected, grid_bytes(&p)) == 0;
    printf("resumed: %s bits as undisturbed\n", same ? "the same" : "other");
    ketch_result_destroy(result);
}

/* A run that stops is saved to a file, from which any process may go on. */
static void flow_through_a_file(ketch_engine *engine, const double *expected)
{
    char directory[] = "/tmp/ketch-plate-XXXXXX", path[64];
    if (!mkdtemp(directory))
        return;
    snprintf(path, sizeof path, "%s/plate.save", directory);
    plate p = new_plate(293), other;
    const ketch_job job = job_of(&p);
    const ketch_run run = {.size = sizeof run, .stop = &p.stop, .save_path = path};
    ketch_result *result;
    must(ketch_engine_run(&result, engine, &job, &run, &error));
    ketch_result_destroy(result);

    must(ketch_result_load(&result, engine, &plate_type, &other, path, &error));
    must(ketch_engine_resume(engine, result, NULL, &error));
    const int same = memcmp(other.now, expected, grid_bytes(&other)) == 0;
    printf("from a file: %s bits as undisturbed\n", same ? "the same" : "other");
    ketch_result_destroy(result);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    static double grid[SIDE * SIDE];
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine;
    must(ketch_engine_create(&engine, &options, &error));
    print_need(engine);
    flow_undisturbed(engine, grid);
    const int maps = maps_of(engine);
    flow_with_a_stop(engine, grid);
    flow_through_a_file(engine, grid);
    printf("memory taken anew by the other runs: %d pieces\n", maps_of(engine) - maps);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
