// The same library from C++17: handles that end by themselves, errors that are exceptions, hooks that
// are lambdas.
#include "ketch.hpp"

#include <cstdio>
#include <stdexcept>

// Three qubits that always agree, measured 1000 times. The same seed gives the same counts.
static void count_shots(ketch::engine &engine)
{
    ketch::circuit circuit(3, 3); // qubits, classical bits
    circuit.h(0).cx(0, 1).cx(1, 2);
    for (int q = 0; q < 3; q++)
        circuit.measure(q, q);

    ketch::sized<ketch_shots> shots; // a struct of ketch.h, all 0 but its size
    shots.shots = 1000;
    shots.seed = 7;
    for (const auto &[bits, times] : engine.run(circuit, {}, shots).counts())
        std::printf("%s  %d\n", bits.c_str(), static_cast<int>(times));
}

static ketch::program plan_rounds()
{
    ketch::circuit circuit(10);
    for (int round = 0; round < 20; round++)
        for (int q = 0; q < 10; q++)
            circuit.ry(0.1 * (round + q), q).cx(q, (q + 1) % 10);
    ketch::sized<ketch_program_options> options;
    options.fence_every = 100; // there the hook may look at the state
    return ketch::program(circuit, options);
}

// An exception out of a hook stops the run and comes out of the call. The result can be resumed.
static void watch(ketch::engine &engine, const ketch::program &program)
{
    ketch::run run;
    run.tick_seconds = -1; // fences only
    run.hook = [](const ketch_step &step) {
        std::printf("%d of %d gates\n", static_cast<int>(step.done), static_cast<int>(step.total));
        if (step.done == 200)
            throw std::runtime_error("seen enough");
    };
    ketch::result result = engine.begin(program);
    try {
        engine.resume(result, run);
    } catch (const std::runtime_error &thrown) {
        std::printf("%s after %d gates\n", thrown.what(), static_cast<int>(result.position().done));
    }
    engine.resume(result);
    std::printf("%s\n", ketch_status_name(result.status()));
}

// What the header has no function for is called in C, with the error left out.
static void call_c(const ketch::engine &engine)
{
    ketch::state state(engine.arena(), 1);
    state.set("+");
    double matrix[8];
    const std::int32_t qubit = 0;
    ketch::call(ketch_state_reduced, matrix, std::uint64_t(8), engine.get(), state.get(), 1,
                &qubit);
    std::printf("density matrix: %.1f %.1f %.1f %.1f\n", matrix[0], matrix[2], matrix[4],
                matrix[6]);
}

int main()
{
    try {
        ketch::engine engine;
        count_shots(engine);
        watch(engine, plan_rounds());
        call_c(engine);
        ketch::circuit(2).h(5); // a mistake
    } catch (const ketch::error &error) {
        std::printf("%s: %s\n", error.status_name(), error.what());
    }
    return 0;
}
