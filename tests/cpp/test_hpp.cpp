// ketch.hpp: what it adds to ketch.h. Results are compared with those of the same calls in C. Prints
// what is wrong, and ends with 1 then.
#include "ketch.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

static int failures;

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            failures++, std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #what);             \
    } while (0)

// The error that a call throws; of status OK if it throws none.
template <class Call> static ketch::error error_of(Call call)
{
    try {
        call();
    } catch (const ketch::error &error) {
        return error;
    }
    return ketch::error(ketch::sized<ketch_error>());
}

static bool is_near(double a, double b)
{
    return std::fabs(a - b) < 1e-12;
}

// 60 gates on 5 qubits, with a fence after each 10.
static ketch::program long_program()
{
    ketch::circuit circuit(5);
    for (std::int32_t i = 0; i < 30; i++)
        circuit.ry(0.1 * i, i % 5).cx(i % 5, (i + 1) % 5);
    ketch::sized<ketch_program_options> options;
    options.fence_every = 10;
    return ketch::program(circuit, options);
}

template <class Handle> static void check_handle_type()
{
    static_assert(std::is_nothrow_move_constructible_v<Handle>);
    static_assert(std::is_nothrow_move_assignable_v<Handle>);
    static_assert(!std::is_copy_constructible_v<Handle>);
    static_assert(!std::is_copy_assignable_v<Handle>);
}

static void handles_are_moved_and_never_copied()
{
    check_handle_type<ketch::arena>();
    check_handle_type<ketch::block>();
    check_handle_type<ketch::engine>();
    check_handle_type<ketch::circuit>();
    check_handle_type<ketch::program>();
    check_handle_type<ketch::state>();
    check_handle_type<ketch::result>();
    ketch::circuit a(2);
    ketch_circuit *const raw = a.get();
    ketch::circuit b = std::move(a);
    CHECK(b.get() == raw && !a.get() && !a && b);
    CHECK(error_of([&] { a.h(0); }).status() == KETCH_HANDLE);
    a = std::move(b);
    CHECK(a.get() == raw && !b);
    ketch_circuit *const released = a.release();
    CHECK(released == raw && !a);
    CHECK(ketch::circuit(released).qubits() == 2);
}

static void a_failure_is_an_exception_with_all_fields()
{
    const ketch::error error = error_of([] { ketch::circuit(0); });
    ketch_error told{};
    told.size = sizeof told;
    ketch_circuit *circuit;
    CHECK(ketch_circuit_create(&circuit, 0, 0, &told) == error.status());
    CHECK(error.status() == KETCH_RANGE);
    CHECK(std::string("RANGE") == error.status_name());
    CHECK(std::string(told.function) == error.function());
    CHECK(std::string(told.argument) == error.argument() && error.argument()[0]);
    CHECK(std::string(told.given) == error.given() && error.given()[0]);
    CHECK(std::string(told.allowed) == error.allowed() && error.allowed()[0]);
    CHECK(std::string(told.message) == error.what());
    static_assert(std::is_base_of_v<std::runtime_error, ketch::error>);
    static_assert(std::is_nothrow_copy_constructible_v<ketch::error>);

    const ketch::error text = error_of([] { ketch::circuit::parse("OPENQASM 2.0;\nqreg q[2"); });
    CHECK(text.status() == KETCH_SYNTAX && text.line() == 2 && text.column() > 0);
    const ketch::error file = error_of([] {
        ketch::engine engine;
        engine.load(long_program(), "/no/such/file");
    });
    CHECK(file.status() == KETCH_IO && file.system() != 0);
}

static void structs_have_their_size()
{
    const ketch::sized<ketch_run> run;
    CHECK(run.size == sizeof(ketch_run) && !run.hook && !run.stop && run.timeout == 0);
    static_assert(sizeof(ketch::sized<ketch_run>) == sizeof(ketch_run));
}

static void lists_take_what_has_elements()
{
    const std::vector<std::int32_t> vector{1, 2, 3};
    const std::array<std::int32_t, 2> array{4, 5};
    const std::int32_t plain[] = {6};
    const auto sum = [](ketch::list<std::int32_t> list) {
        std::int32_t total = 0;
        for (std::size_t i = 0; i < list.size(); i++)
            total += list.data()[i];
        return total;
    };
    CHECK(sum(vector) == 6 && sum(array) == 9 && sum(plain) == 6 && sum({7, 8}) == 15);
    CHECK(sum({vector.data(), 2}) == 3 && sum({}) == 0);
    CHECK(!ketch::list<std::int32_t>(std::vector<std::int32_t>()).data());
#ifdef __cpp_lib_span
    CHECK(sum(std::span<const std::int32_t>(vector).subspan(1)) == 5);
    static_assert(std::is_same_v<ketch::span<int>, std::span<int>>);
#endif
    const ketch::span<const std::int32_t> some(vector.data(), vector.size());
    std::int32_t total = 0;
    for (const std::int32_t &element : some)
        total += element;
    CHECK(total == 6 && some[1] == 2 && !some.empty() && sum(some) == 6);
}

// The amplitudes of the same gates, through the functions of C alone.
static std::vector<std::complex<double>> amplitudes_in_c(const std::vector<ketch_gate> &gates)
{
    ketch_circuit *circuit;
    ketch_engine *engine;
    ketch_result *result;
    const void *data;
    CHECK(!ketch_circuit_create(&circuit, 1, 0, NULL));
    for (const ketch_gate &gate : gates)
        CHECK(!ketch_gate1(circuit, gate, 0, NULL));
    CHECK(!ketch_engine_create(&engine, NULL, NULL));
    CHECK(!ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, NULL));
    CHECK(!ketch_state_amplitudes(&data, ketch_circuit_result_state(result), NULL));
    const auto *const numbers = static_cast<const std::complex<double> *>(data);
    const std::vector<std::complex<double>> made(numbers, numbers + 2);
    ketch_result_destroy(result);
    CHECK(!ketch_engine_destroy(engine, NULL));
    ketch_circuit_destroy(circuit);
    return made;
}

static void circuits_run_to_the_bits_of_c()
{
    ketch::circuit circuit(1);
    circuit.x(0).y(0).z(0).h(0).s(0).t(0).gate(KETCH_GATE_SX, {0});
    const auto expected = amplitudes_in_c({KETCH_GATE_X, KETCH_GATE_Y, KETCH_GATE_Z, KETCH_GATE_H,
                                           KETCH_GATE_S, KETCH_GATE_T, KETCH_GATE_SX});
    ketch::engine engine;
    const ketch::state state = engine.run(circuit).state();
    const ketch::span<const std::complex<double>> got = state.amplitudes();
    CHECK(got.size() == 2);
    CHECK(std::memcmp(got.data(), expected.data(), sizeof(std::complex<double>[2])) == 0);
}

static void a_state_of_the_other_precision_is_refused()
{
    ketch::engine engine;
    const ketch::state state(engine.arena(), 2, KETCH_SINGLE);
    CHECK(state.amplitudes<float>()[0] == 1.0f);
    CHECK(error_of([&] { state.amplitudes<double>(); }).status() == KETCH_MISMATCH);
    const ketch::state other(engine.arena(), 2);
    CHECK(error_of([&] { other.amplitudes<float>(); }).status() == KETCH_MISMATCH);
    CHECK(error_of([] { ketch::state(nullptr).amplitudes(); }).status() == KETCH_HANDLE);
}

// Each line leaves out or adds what C would read or not read unseen.
static void counts_of_elements_are_checked()
{
    ketch::circuit c(3);
    const auto status = [&](auto call) { return error_of(call).status(); };
    CHECK(status([&] { c.gate(KETCH_GATE_CX, {0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.gate(KETCH_GATE_H, {0, 1}); }) == KETCH_ARITY);
    CHECK(status([&] { c.gate(KETCH_GATE_RZ, {0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.gate(KETCH_GATE_H, {0}, {0.5}); }) == KETCH_ARITY);
    CHECK(status([&] { c.gate(KETCH_GATE_H, {0}, {}, {{1, 2}, {1}}); }) == KETCH_ARITY);
    CHECK(status([&] { c.gate(KETCH_GATE_BARRIER, {0}); }) == KETCH_GATE);
    CHECK(status([&] { c.gate(KETCH_GATES, {0}); }) == KETCH_GATE);
    CHECK(status([&] { c.unitary({0}, {1, 0, 0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.diagonal({0, 1}, {1, 1}); }) == KETCH_ARITY);
    CHECK(status([&] { c.permutation({0}, {0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.initialize({0}, {1}); }) == KETCH_ARITY);
    CHECK(status([&] { c.append(ketch::circuit(2), {0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.append(ketch::circuit(1, 2), {}, {0}); }) == KETCH_ARITY);
    CHECK(status([&] { c.control(2, {1}); }) == KETCH_ARITY);
    const ketch::engine engine;
    const ketch::state state(engine.arena(), 3);
    CHECK(status([&] { state.expectation({{}, {1}, {1.0, 2.0}}); }) == KETCH_ARITY);
    CHECK(status([&] { state.variance({{1}, {1, 2}, {1.0, 2.0}}); }) == KETCH_ARITY);
    CHECK(status([&] { state.probabilities({0, 1, 2, 0}); }) < KETCH_OK);
    CHECK(c.length() == 0);
    const ketch::error error = error_of([&] { c.gate(KETCH_GATE_CX, {0}); });
    CHECK(std::string(error.what()) ==
          "ketch::circuit::gate: number of qubits: given 1, allowed 2");
}

static void circuits_are_made_of_others()
{
    ketch::circuit circuit(2, 1);
    circuit.h(0).gate(KETCH_GATE_CRX, {0, 1}, {0.25}).unitary({0}, {0, 1, 1, 0}, {{1}, {0}});
    circuit.diagonal({1}, {1, {0, 1}}).permutation({0, 1}, {1, 2, 3, 0}).barrier().fence();
    ketch::circuit copy = circuit.copy();
    CHECK(copy == circuit);
    copy.measure(0, 0);
    CHECK(copy != circuit && copy.length() == circuit.length() + 1);
    ketch::circuit nothing(2, 1);
    nothing.append(circuit).append(circuit.inverse());
    ketch::engine engine;
    CHECK(is_near(std::abs(engine.run(nothing).state().amplitudes()[0]), 1));
    CHECK(circuit.repeat(2) == circuit.power(2));
    CHECK(circuit.control(2, {0, 1}).qubits() == 4);
    const ketch_record record = circuit.read(1);
    CHECK(record.gate == KETCH_GATE_CRX && record.angles[0].offset == 0.25);
    CHECK(error_of([&] { circuit.read(100); }).status() == KETCH_INDEX);
}

static void texts_are_whole()
{
    ketch::circuit circuit(2, 2);
    circuit.h(0).cx(0, 1).measure(0, 0).measure(1, 1);
    CHECK(ketch::circuit::parse(circuit.qasm()) == circuit);
    CHECK(circuit.qasm().back() == '\n' && circuit.draw().find('H') != std::string::npos);
    CHECK(ketch::program(circuit).plan().size() > 20);
}

static const char including[] = "OPENQASM 2.0;\ninclude \"own.inc\";\nqreg q[1];\nflip q[0];\n";

static void a_resolver_finds_includes()
{
    const auto resolve = [](std::string_view name) -> std::optional<std::string> {
        if (name != "own.inc")
            return std::nullopt;
        return "gate flip a { U(3.141592653589793, 0, 3.141592653589793) a; }\n";
    };
    CHECK(ketch::circuit::parse(including, resolve).length() == 1);
    CHECK(error_of([] { ketch::circuit::parse(including); }).status() == KETCH_OFF);
    const auto none = [](std::string_view) { return std::optional<std::string>(); };
    CHECK(error_of([&] { ketch::circuit::parse(including, none); }).status() < KETCH_OK);
    bool is_thrown = false;
    try {
        ketch::circuit::parse(including, [](std::string_view) -> std::optional<std::string> {
            throw std::domain_error("no includes today");
        });
    } catch (const std::domain_error &thrown) {
        is_thrown = std::string(thrown.what()) == "no includes today";
    }
    CHECK(is_thrown);
}

static void hooks_return_nothing_a_bool_or_a_number()
{
    ketch::engine engine;
    const ketch::program program = long_program();
    int calls = 0;
    ketch::run run;
    run.tick_seconds = -1;
    run.hook = [&](const ketch_step &) { calls++; };
    CHECK(engine.run(program, run).ended() && calls > 1);
    run.hook = [&](const ketch_step &step) { return step.done >= 20; };
    const ketch::result stopped = engine.run(program, run);
    CHECK(stopped.status() == KETCH_STOPPED && stopped.position().done == 20);
    CHECK(stopped.hook() == 1);
    run.hook = [](const ketch_step &) { return 42; };
    CHECK(engine.run(program, run).hook() == 42);
    run.hook = [](const ketch_step &) { return -3; };
    CHECK(error_of([&] { engine.run(program, run); }).status() == KETCH_HOOK);
    run.hook = ketch::hook();
    CHECK(engine.run(program, run).ended());
}

struct interruption {
    std::uint64_t done;
};

static void an_exception_in_a_hook_stops_the_run_and_is_thrown_again()
{
    ketch::engine engine;
    const ketch::program program = long_program();
    const ketch::state plain(engine.arena(), 5), watched(engine.arena(), 5);
    CHECK(engine.run(program, plain).ended());

    ketch::result result = engine.begin(program, watched);
    int calls = 0;
    ketch::run run;
    run.tick_seconds = -1;
    run.hook = [&](const ketch_step &step) {
        calls++;
        if (step.done >= 20)
            throw interruption{step.done};
    };
    std::uint64_t thrown = 0;
    try {
        engine.resume(result, run);
    } catch (const interruption &caught) {
        thrown = caught.done;
    }
    CHECK(thrown == 20 && calls == 2);
    CHECK(result.status() == KETCH_STOPPED && result.position().done == 20);
    CHECK(engine.info().running == 0);
    CHECK(engine.resume(result) == KETCH_OK && result.ended());
    const std::size_t size = sizeof(std::complex<double>[32]);
    CHECK(std::memcmp(plain.amplitudes().data(), watched.amplitudes().data(), size) == 0);
}

// Without a result that could be resumed: nothing of the run is left.
static void an_exception_out_of_run_leaves_no_memory()
{
    ketch::engine engine;
    const ketch::program program = long_program();
    const ketch::arena arena = engine.arena();
    const std::uint64_t used = arena.stats().used;
    ketch::run run;
    run.hook = [](const ketch_step &) { throw interruption{0}; };
    for (int i = 0; i < 3; i++) {
        bool is_thrown = false;
        try {
            engine.run(program, run);
        } catch (const interruption &) {
            is_thrown = true;
        }
        CHECK(is_thrown && arena.stats().used == used);
    }
    CHECK(engine.run(program).ended());
}

// What a hook throws is told, also where the run fails at the same time.
static void a_hook_may_use_the_interface()
{
    ketch::engine engine;
    const ketch::program program = long_program();
    ketch::run run;
    run.tick_seconds = -1;
    run.hook = [&](const ketch_step &) { engine.run(program); };
    CHECK(error_of([&] { engine.run(program, run); }).status() == KETCH_BUSY);
    const ketch::program other = program.share();
    ketch_result *made = nullptr;
    run.hook = [](const ketch_step &) { throw interruption{1}; };
    bool is_thrown = false;
    try {
        ketch::carry(run, [&](const ketch_run *how, ketch_error *told) {
            return ketch_program_run(&made, engine.get(), other.get(), nullptr, nullptr, how, told);
        });
    } catch (const interruption &) {
        is_thrown = true;
    }
    CHECK(is_thrown && ketch::result(made).status() == KETCH_STOPPED);
}

static void stop_tokens_and_timeouts_are_no_failures()
{
    ketch::engine engine;
    ketch_stop stop{};
    ketch_stop_set(&stop);
    ketch::run run;
    run.stop = &stop;
    ketch::result result = engine.run(long_program(), run);
    CHECK(result.status() == KETCH_STOPPED && !result.ended());
    ketch_stop_clear(&stop);
    CHECK(engine.advance(result, run) == KETCH_OK && !result.ended());
    CHECK(engine.resume(result, run) == KETCH_OK && result.ended());
    CHECK(result.report().steps == 60);
}

static void shots_are_counted()
{
    ketch::circuit circuit(2, 3);
    circuit.h(0).cx(0, 1).measure(0, 0).measure(1, 2);
    ketch::sized<ketch_shots> shots;
    shots.shots = 1000;
    shots.seed = 7;
    ketch::engine engine;
    const auto result = engine.run(circuit, {}, shots);
    const auto counts = result.counts();
    CHECK(counts.size() == 2 && counts.at("000") + counts.at("101") == 1000);
    CHECK(counts.at("000") > 400 && counts.at("101") > 400);
    CHECK(result.outcomes().bits == 3 && result.outcomes().shots == 1000);
}

static void observables_and_states_agree()
{
    ketch::circuit circuit(2);
    circuit.ry(0.6, 0).cx(0, 1).rx(0.2, 1);
    const std::uint64_t x[] = {1, 0}, z[] = {2, 3};
    const double coefficients[] = {0.5, 2};
    const std::int32_t qubits[] = {1, 0};
    ketch::sized<ketch_observable> observables[2];
    observables[0].kind = KETCH_OBSERVE_PAULI;
    observables[0].count = 2;
    observables[0].x_masks = x;
    observables[0].masks = z;
    observables[0].coefficients = coefficients;
    observables[1].kind = KETCH_OBSERVE_PROBABILITIES;
    observables[1].count = 2;
    observables[1].qubits = qubits;
    static_assert(sizeof observables[0] == sizeof(ketch_observable));
    ketch::sized<ketch_shots> shots;
    shots.observables = observables;
    shots.observable_count = 2;
    ketch::engine engine;
    const auto result = engine.run(circuit, {}, shots);
    const auto state = result.state();
    const ketch::pauli_sum sum{x, z, coefficients};
    CHECK(is_near(result.observed(0), state.expectation(sum, engine.get())));
    CHECK(state.variance(sum) > 0);
    const auto expected = state.probabilities(qubits);
    const auto observed = result.observed(1, 2);
    CHECK(expected.size() == 4 && observed.size() == 4);
    for (std::size_t i = 0; i < 4; i++)
        CHECK(is_near(expected[i], observed[i]));
    CHECK(is_near(state.norm(), 1) && is_near(state.inner(state).real(), 1));
    CHECK(error_of([&] { result.observed(2); }).status() == KETCH_INDEX);
}

static void states_are_set_sampled_and_measured()
{
    const ketch::arena arena;
    ketch::state state(arena, 2);
    state.set("1+");
    CHECK(is_near(state.amplitudes()[2].real(), std::sqrt(0.5)));
    for (const std::uint64_t outcome : state.sample(50, 3))
        CHECK(outcome == 2 || outcome == 3);
    CHECK(state.measure(1, 5) == 1);
    const std::vector<std::complex<double>> amplitudes{0, 3, 0, {0, 4}};
    CHECK(error_of([&] { state.set<double>(amplitudes); }).status() == KETCH_NORM);
    state.set<double>(amplitudes, true);
    CHECK(is_near(state.amplitudes()[3].imag(), 0.8));
    const ketch::block block = state.block();
    CHECK(block.size() >= 64 && block.data() == state.amplitudes().data());
    CHECK(error_of([&] { state.set("1"); }).status() == KETCH_SHAPE);
}

static void programs_are_bound_again()
{
    ketch::circuit circuit(1);
    const ketch_angle angles[] = {{0, 2.0, 0.0, nullptr, 0}};
    circuit.add_parameters(1).parametric(KETCH_GATE_RX, {0}, angles);
    const ketch::program open(circuit);
    ketch::engine engine;
    const auto probability = [&](const ketch::program &program) {
        return engine.run(program).state().probabilities({0})[1];
    };
    ketch::program bound = open.bind({0.3});
    CHECK(is_near(probability(bound), std::pow(std::sin(0.3), 2)));
    bound = open.bind({0.4}, std::move(bound));
    CHECK(is_near(probability(bound), std::pow(std::sin(0.4), 2)));
    CHECK(open.info().parameters == 1 && bound.info().parameters == 0);
    CHECK(error_of([&] { open.bind({0.3, 0.4}, bound.share()); }).status() == KETCH_ARITY);
    CHECK(is_near(probability(bound), std::pow(std::sin(0.4), 2)));
    CHECK(circuit.bind({0.4}).parameters() == 0);
    CHECK(error_of([&] { engine.run(open); }).status() == KETCH_ARITY);
}

static void runs_are_saved_and_loaded(const char *folder)
{
    const std::string path = std::string(folder) + "/hpp.save";
    ketch::engine engine;
    const ketch::program program = long_program();
    ketch::run run;
    run.tick_seconds = -1;
    run.hook = [](const ketch_step &step) { return step.done >= 30; };
    engine.run(program, run).save(path, "a note");
    ketch::result loaded = engine.load(program, path);
    CHECK(loaded.status() == KETCH_STOPPED && loaded.position().done == 30);
    CHECK(engine.resume(loaded) == KETCH_OK);
    const auto expected = engine.run(program).state();
    CHECK(std::memcmp(expected.amplitudes().data(), loaded.state().amplitudes().data(), 512) == 0);
    ketch_saved *saved = nullptr;
    ketch::call(ketch_saved_open, &saved, path.c_str());
    CHECK(std::memcmp(ketch_saved_note(saved), "a note", 6) == 0);
    ketch_saved_close(saved);
    std::remove(path.c_str());
}

static ketch_status add_index(std::uint64_t index, std::int32_t, void *user)
{
    static_cast<std::uint64_t *>(user)[index] += index;
    return KETCH_OK;
}

static ketch_status add_all(ketch_context *context, void *user)
{
    return ketch_context_parallel(context, 100, 100, add_index, user);
}

static void jobs_of_ones_own_run()
{
    ketch::sized<ketch_job_type> type;
    type.name = "test.add";
    type.version = 1;
    type.advance = add_all;
    std::uint64_t numbers[100] = {0};
    ketch::sized<ketch_job> job;
    job.type = &type;
    job.steps = 100;
    job.user = numbers;
    ketch::sized<ketch_engine_options> options;
    options.threads = 2;
    ketch::engine engine(options);
    CHECK(engine.info().threads == 2);
    CHECK(engine.run(job).ended() && numbers[99] == 99);
    ketch::result begun = engine.begin(job);
    CHECK(engine.resume(begun) == KETCH_OK && numbers[99] == 198);
}

static void memory_is_taken_and_told()
{
    ketch::sized<ketch_arena_options> options;
    options.memory = 1 << 20;
    ketch::arena arena(options);
    {
        const ketch::block block = arena.take(1000, "test");
        CHECK(block.size() == 1000 && block.data() && arena.stats().used >= 1000);
        CHECK(block.share().data() == block.data());
    }
    CHECK(arena.stats().used == 0 && arena.trim() > 0);
    CHECK(error_of([&] { arena.take(1 << 21); }).status() == KETCH_MEMORY);
    ketch::engine engine;
    CHECK(engine.need(long_program()).bytes > 0);
    CHECK(engine.arena().get() == ketch_engine_arena(engine.get()));
}

int main(int count, char **arguments)
{
    handles_are_moved_and_never_copied();
    a_failure_is_an_exception_with_all_fields();
    structs_have_their_size();
    lists_take_what_has_elements();
    circuits_run_to_the_bits_of_c();
    a_state_of_the_other_precision_is_refused();
    counts_of_elements_are_checked();
    circuits_are_made_of_others();
    texts_are_whole();
    a_resolver_finds_includes();
    hooks_return_nothing_a_bool_or_a_number();
    an_exception_in_a_hook_stops_the_run_and_is_thrown_again();
    an_exception_out_of_run_leaves_no_memory();
    a_hook_may_use_the_interface();
    stop_tokens_and_timeouts_are_no_failures();
    shots_are_counted();
    observables_and_states_agree();
    states_are_set_sampled_and_measured();
    programs_are_bound_again();
    runs_are_saved_and_loaded(count > 1 ? arguments[1] : "/tmp");
    jobs_of_ones_own_run();
    memory_is_taken_and_told();
    return failures > 0;
}
