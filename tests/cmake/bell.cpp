// A Bell pair: prints the probabilities of 00, 01, 10, 11.
#include <ketch.hpp>

#include <cstdio>

int main()
{
    ketch::engine engine;
    ketch::circuit circuit(2);
    circuit.h(0).cx(0, 1);
    const auto p = engine.run(circuit).state().probabilities({0, 1});
    std::printf("%.3f %.3f %.3f %.3f\n", p[0], p[1], p[2], p[3]);
    return 0;
}
