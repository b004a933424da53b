/* ketch for C++17 and later: a thin layer on ketch.h, in headers alone.
 *
 *  - A handle is an object that owns one reference and can be moved, not copied. get() is the C
 *    handle, so whatever is not here is called in C: ketch::call(ketch_state_norm, &norm, ...)
 *    gives the function its error and throws what it tells.
 *  - A failure is an exception of type ketch::error. STOPPED and TIMEOUT are no failures.
 *  - The structs of C are used as they are. C++17 has no designated initialisers:
 *        ketch::sized<ketch_engine_options> options;    // all 0, size set
 *        options.threads = 2;
 *    is what ketch_engine_options options{}; options.size = sizeof options; says in plain C++.
 *  - Hooks are callables: ketch::run. An exception out of one stops the run and is thrown again
 *    when the call that ran returns. Jobs are C: an exception must not leave their functions.
 *  - Arrays are taken as ketch::list: a braced list, a container, or pointer and count. They are
 *    given as ketch::span, which is std::span where there is one.
 *
 * What a function does, when it fails and what it costs is said in ketch.h, under the name of the C
 * function. Threads: as there. Nothing here takes a lock. */
#ifndef KETCH_HPP
#define KETCH_HPP

#include "ketch.h"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L
#include <version>
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

namespace ketch {
/* Two names, so that objects compiled with and without std::span do not mix unseen. */
#ifdef __cpp_lib_span
inline namespace with_span
#else
inline namespace without_span
#endif
{

/* ---- arrays and structs ---- */

#ifdef __cpp_lib_span
template <class T> using span = std::span<T>;
#else
/* Elements that belong to somebody else. */
template <class T> class span {
  public:
    span() noexcept = default;
    span(T *data, std::size_t count) noexcept : data_(data), count_(count)
    {
    }
    T *data() const noexcept
    {
        return data_;
    }
    std::size_t size() const noexcept
    {
        return count_;
    }
    bool empty() const noexcept
    {
        return count_ == 0;
    }
    T *begin() const noexcept
    {
        return data_;
    }
    T *end() const noexcept
    {
        return data_ + count_;
    }
    T &operator[](std::size_t index) const
    {
        return data_[index];
    }

  private:
    T *data_ = nullptr;
    std::size_t count_ = 0;
};
#endif

/* An argument: elements that live until the call returns. */
template <class T> class list {
  public:
    list() noexcept = default;
    list(const T *data, std::size_t count) noexcept : data_(data), count_(count)
    {
    }
    list(std::initializer_list<T> elements) noexcept
    {
        data_ = std::data(elements);
        count_ = elements.size();
    }
    template <class Elements,
              class = std::enable_if_t<std::is_convertible_v<
                  decltype(std::data(std::declval<const Elements &>())), const T *>>>
    list(const Elements &elements) : data_(std::data(elements)), count_(std::size(elements))
    {
    }
    /* NULL where there are none. */
    const T *data() const noexcept
    {
        return count_ > 0 ? data_ : nullptr;
    }
    std::size_t size() const noexcept
    {
        return count_;
    }

  private:
    const T *data_ = nullptr;
    std::size_t count_ = 0;
};

/* A struct of the C interface, all 0, with its size set. */
template <class T> struct sized : T {
    sized() noexcept : T()
    {
        this->size = sizeof(T);
    }
};

/* ---- failures ---- */

/* A failure. what() is one sentence with all of it; the others are the fields of ketch_error. */
class error : public std::runtime_error {
  public:
    explicit error(const ketch_error &told) : std::runtime_error(told.message), told_(told)
    {
    }
    ketch_status status() const noexcept
    {
        return told_.status;
    }
    const char *status_name() const noexcept
    {
        return ketch_status_name(told_.status);
    }
    const char *function() const noexcept
    {
        return told_.function;
    }
    const char *argument() const noexcept
    {
        return told_.argument;
    }
    const char *given() const noexcept
    {
        return told_.given;
    }
    const char *allowed() const noexcept
    {
        return told_.allowed;
    }
    /* The place in a text, from 1; 0: the failure is not about a text. */
    std::int32_t line() const noexcept
    {
        return told_.line;
    }
    std::int32_t column() const noexcept
    {
        return told_.column;
    }
    /* errno of the system call that failed; 0: none failed. */
    std::int32_t system() const noexcept
    {
        return told_.system;
    }

  private:
    ketch_error told_;
};

/* Calls a C function, whose last argument, the error, is left out here. Returns its status, which
 * is OK, STOPPED or TIMEOUT; throws ketch::error where it failed. */
template <class Function, class... Arguments>
ketch_status call(Function &&function, Arguments &&...arguments)
{
    sized<ketch_error> told;
    const ketch_status status = function(std::forward<Arguments>(arguments)..., &told);
    if (status < KETCH_OK)
        throw error(told);
    return status;
}

namespace detail {

[[noreturn]] inline void fail(ketch_status status, const char *function, const char *argument,
                              std::size_t given, std::size_t allowed)
{
    sized<ketch_error> told;
    told.status = status;
    std::snprintf(told.function, sizeof told.function, "%s", function);
    std::snprintf(told.argument, sizeof told.argument, "%s", argument);
    std::snprintf(told.given, sizeof told.given, "%zu", given);
    std::snprintf(told.allowed, sizeof told.allowed, "%zu", allowed);
    std::snprintf(told.message, sizeof told.message, "%s: number of %s: given %s, allowed %s",
                  function, argument, told.given, told.allowed);
    throw error(told);
}

inline void need_count(const char *function, const char *argument, std::size_t given,
                       std::size_t allowed)
{
    if (given != allowed)
        fail(KETCH_ARITY, function, argument, given, allowed);
}

/* 2^count, for counts that are checked by what is called with it. */
inline std::size_t power(std::size_t count)
{
    return count < 8 * sizeof(std::size_t) ? std::size_t(1) << count : 0;
}

/* The text of a C function that is asked for its length first. */
template <class Write> std::string text(Write write)
{
    std::size_t length = 0;
    call(write, nullptr, std::size_t(0), &length);
    std::string made(length + 1, '\0');
    call(write, made.data(), made.size(), &length);
    made.resize(length);
    return made;
}

inline const double *pairs(const std::complex<double> *numbers)
{
    return reinterpret_cast<const double *>(numbers); // [complex.numbers]: an array re, im
}

/* Ends what a handle owns. */
struct ends {
    void operator()(ketch_arena *arena) const noexcept
    {
        ketch_arena_drop(arena);
    }
    void operator()(ketch_block *block) const noexcept
    {
        ketch_block_drop(block);
    }
    void operator()(ketch_engine *engine) const noexcept
    {
        ketch_engine_destroy(engine, nullptr);
    }
    void operator()(ketch_circuit *circuit) const noexcept
    {
        ketch_circuit_destroy(circuit);
    }
    void operator()(ketch_program *program) const noexcept
    {
        ketch_program_drop(program);
    }
    void operator()(ketch_state *state) const noexcept
    {
        ketch_state_drop(state);
    }
    void operator()(ketch_result *result) const noexcept
    {
        ketch_result_destroy(result);
    }
};

} // namespace detail

/* What all handles have. An empty one (moved from, or made of NULL) answers HANDLE. */
template <class T> class handle {
  public:
    handle() noexcept = default;
    /* Owns the caller's reference. */
    explicit handle(T *made) noexcept : owned_(made)
    {
    }
    /* The C handle, which still belongs to this object. */
    T *get() const noexcept
    {
        return owned_.get();
    }
    /* The C handle, which is now the caller's. */
    T *release() noexcept
    {
        return owned_.release();
    }
    explicit operator bool() const noexcept
    {
        return owned_ != nullptr;
    }

  private:
    std::unique_ptr<T, detail::ends> owned_;
};

/* ---- memory ---- */

/* A block of an arena: ketch_block_take. */
class block : public handle<ketch_block> {
  public:
    using handle::handle;
    void *data() const noexcept
    {
        return ketch_block_data(get());
    }
    std::uint64_t size() const noexcept
    {
        return ketch_block_size(get());
    }
    block share() const noexcept
    {
        return block(ketch_block_share(get()));
    }
};

class arena : public handle<ketch_arena> {
  public:
    using handle::handle;
    explicit arena(const ketch_arena_options &options)
    {
        ketch_arena *made = nullptr;
        call(ketch_arena_create, &made, &options);
        *this = arena(made);
    }
    arena() : arena(sized<ketch_arena_options>())
    {
    }
    arena share() const noexcept
    {
        return arena(ketch_arena_share(get()));
    }
    /* tag: a text that lives on. */
    block take(std::uint64_t size, const char *tag = nullptr)
    {
        ketch_block *made = nullptr;
        call(ketch_block_take, &made, get(), size, tag);
        return block(made);
    }
    std::uint64_t trim() noexcept
    {
        return ketch_arena_trim(get());
    }
    ketch_arena_stats stats() const
    {
        sized<ketch_arena_stats> stats;
        call(ketch_arena_get_stats, &stats, get());
        return stats;
    }
};

/* ---- runs ---- */

/* A hook: any callable that takes a const ketch_step &. It returns nothing, a bool (true stops the
 * run), or a number as a hook in C does. */
class hook {
  public:
    hook() noexcept = default;
    template <class Callable,
              class = std::enable_if_t<std::is_invocable_v<Callable &, const ketch_step &> &&
                                       !std::is_same_v<std::decay_t<Callable>, hook>>>
    hook(Callable callable)
        : function_([callable = std::move(callable)](const ketch_step &step) mutable {
              if constexpr (std::is_void_v<std::invoke_result_t<Callable &, const ketch_step &>>)
                  return callable(step), std::int32_t(0);
              else
                  return static_cast<std::int32_t>(callable(step));
          })
    {
    }
    explicit operator bool() const noexcept
    {
        return static_cast<bool>(function_);
    }
    std::int32_t operator()(const ketch_step &step) const
    {
        return function_(step);
    }

  private:
    std::function<std::int32_t(const ketch_step &)> function_;
};

/* How a run is carried out: ketch_run, with a callable in place of its hook and user pointer. Only
 * functions of this header see the callable; carry gives it to others. */
struct run : sized<ketch_run> {
    ketch::hook hook;

  private:
    using ketch_run::user;
};

namespace detail {

/* A hook during one call: what C calls, and the exception that stopped the run. */
struct watched {
    const hook &callable;
    std::exception_ptr thrown;

    static std::int32_t serve(const ketch_step *step, void *user) noexcept
    {
        watched &self = *static_cast<watched *>(user);
        try {
            return self.callable(*step);
        } catch (...) {
            self.thrown = std::current_exception();
            return 1;
        }
    }
};

} // namespace detail

/* Calls function(const ketch_run *, ketch_error *) with the run and its hook. Throws what the hook
 * threw, else what the function failed with, and returns the function's status. */
template <class Function> ketch_status carry(const run &how, Function &&function)
{
    if (!how.hook)
        return call(function, static_cast<const ketch_run *>(&how));
    detail::watched watched{how.hook, nullptr};
    ketch_run plain = how;
    plain.hook = &detail::watched::serve;
    plain.user = &watched;
    sized<ketch_error> told;
    const ketch_status status = function(static_cast<const ketch_run *>(&plain), &told);
    if (watched.thrown)
        std::rethrow_exception(watched.thrown);
    if (status < KETCH_OK)
        throw error(told);
    return status;
}

/* ---- circuits ---- */

/* Further controls of a gate; values: 0 or 1 for each, none: all 1. */
struct controls {
    list<std::int32_t> qubits;
    list<std::uint8_t> values;

    controls() noexcept = default;
    controls(list<std::int32_t> of, list<std::uint8_t> at = {}) : qubits(of), values(at)
    {
        if (values.size() > 0)
            detail::need_count("ketch::controls", "values", values.size(), qubits.size());
    }
    std::int32_t count() const noexcept
    {
        return static_cast<std::int32_t>(qubits.size());
    }
};

/* Gates in source order. Functions that add something return the circuit. */
class circuit : public handle<ketch_circuit> {
  public:
    using qubit_list = list<std::int32_t>;
    using angle_list = list<double>;
    using number_list = list<std::complex<double>>;

    using handle::handle;
    explicit circuit(std::int32_t qubits, std::int32_t bits = 0)
    {
        ketch_circuit *made = nullptr;
        call(ketch_circuit_create, &made, qubits, bits);
        *this = circuit(made);
    }
    /* A resolver is a callable that returns the text of an included file, or nothing: it takes a
     * std::string_view and returns a std::optional<std::string>. What it throws comes out here.
     * Without one only "qelib1.inc" can be included. */
    using resolver = std::function<std::optional<std::string>(std::string_view)>;
    static circuit parse(std::string_view text, const resolver &resolve = {})
    {
        return parse(text, sized<ketch_parse_options>(), resolve);
    }
    static circuit parse(std::string_view text, const ketch_parse_options &options,
                         const resolver &resolve = {})
    {
        included files{resolve, {}, nullptr};
        ketch_parse_options used = options;
        if (resolve) {
            used.resolve = &included::find;
            used.user = &files;
        }
        ketch_circuit *made = nullptr;
        sized<ketch_error> told;
        const ketch_status status =
            ketch_circuit_parse(&made, text.data(), text.size(), &used, &told);
        circuit parsed(made);
        if (files.thrown)
            std::rethrow_exception(files.thrown);
        if (status < KETCH_OK)
            throw error(told);
        return parsed;
    }
    circuit copy() const
    {
        return derived(ketch_circuit_copy);
    }

    std::int32_t qubits() const noexcept
    {
        return ketch_circuit_qubits(get());
    }
    std::int32_t bits() const noexcept
    {
        return ketch_circuit_bits(get());
    }
    /* Gates, measurements and resets, which is what progress counts. */
    std::uint64_t steps() const noexcept
    {
        return ketch_circuit_steps(get());
    }
    /* The number of records, for read. */
    std::uint64_t length() const noexcept
    {
        return ketch_circuit_length(get());
    }
    std::int32_t parameters() const noexcept
    {
        return ketch_circuit_parameters(get());
    }
    /* Pointers in the record are valid until the circuit is changed. */
    ketch_record read(std::uint64_t index) const
    {
        sized<ketch_record> record;
        call(ketch_circuit_read, get(), index, static_cast<ketch_record *>(&record));
        return record;
    }
    friend bool operator==(const circuit &a, const circuit &b) noexcept
    {
        return ketch_circuit_equal(a.get(), b.get()) == 1;
    }
    friend bool operator!=(const circuit &a, const circuit &b) noexcept
    {
        return !(a == b);
    }

    circuit &add_register(const char *name, std::int32_t size)
    {
        return add(ketch_circuit_add_register, name, size);
    }
    circuit &name_qubits(const char *name, std::int32_t size)
    {
        return add(ketch_circuit_name_qubits, name, size);
    }
    circuit &add_parameters(std::int32_t count)
    {
        return add(ketch_circuit_add_parameters, count);
    }

    circuit &gate(ketch_gate gate, qubit_list qubits, angle_list angles = {},
                  const controls &under = {})
    {
        need_gate(gate, qubits.size(), "params", angles.size());
        return add(ketch_circuit_controlled, gate, qubits.data(), angles.data(), under.count(),
                   under.qubits.data(), under.values.data());
    }
    /* A gate with angles that may depend on parameters. */
    circuit &parametric(ketch_gate gate, qubit_list qubits, list<ketch_angle> angles,
                        const controls &under = {})
    {
        need_gate(gate, qubits.size(), "angles", angles.size());
        return add(ketch_circuit_parametric, gate, qubits.data(), angles.data(), under.count(),
                   under.qubits.data(), under.values.data());
    }
    circuit &x(std::int32_t qubit)
    {
        return add(ketch_x, qubit);
    }
    circuit &y(std::int32_t qubit)
    {
        return add(ketch_y, qubit);
    }
    circuit &z(std::int32_t qubit)
    {
        return add(ketch_z, qubit);
    }
    circuit &h(std::int32_t qubit)
    {
        return add(ketch_h, qubit);
    }
    circuit &s(std::int32_t qubit)
    {
        return add(ketch_s, qubit);
    }
    circuit &t(std::int32_t qubit)
    {
        return add(ketch_t, qubit);
    }
    circuit &rx(double angle, std::int32_t qubit)
    {
        return add(ketch_rx, angle, qubit);
    }
    circuit &ry(double angle, std::int32_t qubit)
    {
        return add(ketch_ry, angle, qubit);
    }
    circuit &rz(double angle, std::int32_t qubit)
    {
        return add(ketch_rz, angle, qubit);
    }
    circuit &cx(std::int32_t control, std::int32_t target)
    {
        return add(ketch_cx, control, target);
    }
    circuit &cz(std::int32_t a, std::int32_t b)
    {
        return add(ketch_cz, a, b);
    }
    circuit &swap(std::int32_t a, std::int32_t b)
    {
        return add(ketch_swap, a, b);
    }
    /* A matrix, row by row. tolerance 0: 1e-10. */
    circuit &unitary(qubit_list qubits, number_list matrix, const controls &under = {},
                     double tolerance = 0)
    {
        detail::need_count("ketch::circuit::unitary", "matrix", matrix.size(),
                           detail::power(2 * qubits.size()));
        return add(ketch_circuit_unitary, count(qubits), qubits.data(),
                   detail::pairs(matrix.data()), tolerance, under.count(), under.qubits.data(),
                   under.values.data());
    }
    circuit &diagonal(qubit_list qubits, number_list diagonal, const controls &under = {},
                      double tolerance = 0)
    {
        detail::need_count("ketch::circuit::diagonal", "diagonal", diagonal.size(),
                           detail::power(qubits.size()));
        return add(ketch_circuit_diagonal, count(qubits), qubits.data(),
                   detail::pairs(diagonal.data()), tolerance, under.count(), under.qubits.data(),
                   under.values.data());
    }
    circuit &permutation(qubit_list qubits, list<std::uint64_t> table, const controls &under = {})
    {
        detail::need_count("ketch::circuit::permutation", "table", table.size(),
                           detail::power(qubits.size()));
        return add(ketch_circuit_permutation, count(qubits), qubits.data(), table.data(),
                   under.count(), under.qubits.data(), under.values.data());
    }
    circuit &initialize(qubit_list qubits, number_list amplitudes)
    {
        detail::need_count("ketch::circuit::initialize", "amplitudes", amplitudes.size(),
                           detail::power(qubits.size()));
        return add(ketch_circuit_initialize, count(qubits), qubits.data(),
                   detail::pairs(amplitudes.data()));
    }
    circuit &measure(std::int32_t qubit, std::int32_t bit)
    {
        return add(ketch_circuit_measure, qubit, bit);
    }
    circuit &reset(std::int32_t qubit)
    {
        return add(ketch_circuit_reset, qubit);
    }
    /* No qubits: all. */
    circuit &barrier(qubit_list qubits = {})
    {
        return add(ketch_circuit_barrier, count(qubits), qubits.data());
    }
    circuit &fence()
    {
        return add(ketch_circuit_fence);
    }
    circuit &condition(std::int32_t first, std::int32_t count, std::uint64_t value)
    {
        return add(ketch_circuit_condition, first, count, value);
    }
    /* No qubits, no bits: they keep their numbers. */
    circuit &append(const circuit &other, qubit_list qubits = {}, qubit_list bits = {})
    {
        if (qubits.size() > 0)
            need_places("qubits", qubits, other.qubits());
        if (bits.size() > 0)
            need_places("bits", bits, other.bits());
        return add(ketch_circuit_append, other.get(), qubits.data(), bits.data());
    }

    circuit inverse() const
    {
        return derived(ketch_circuit_inverse);
    }
    circuit repeat(std::uint64_t count) const
    {
        return derived(ketch_circuit_repeat, count);
    }
    circuit power(std::int64_t exponent) const
    {
        return derived(ketch_circuit_power, exponent);
    }
    circuit control(std::int32_t count = 1, list<std::uint8_t> values = {}) const
    {
        if (values.size() > 0)
            detail::need_count("ketch::circuit::control", "values", values.size(),
                               static_cast<std::size_t>(count));
        return derived(ketch_circuit_control, count, values.data());
    }
    circuit bind(list<double> values) const
    {
        return derived(ketch_circuit_bind, values.data(), std::uint64_t(values.size()));
    }

    /* As OpenQASM 2. */
    std::string qasm() const
    {
        return detail::text(
            [this](char *text, std::size_t capacity, std::size_t *length, ketch_error *told) {
                return ketch_circuit_qasm(text, capacity, length, get(), told);
            });
    }
    std::string draw(const ketch_draw_options &options = sized<ketch_draw_options>()) const
    {
        return detail::text(
            [&](char *text, std::size_t capacity, std::size_t *length, ketch_error *told) {
                return ketch_circuit_draw(text, capacity, length, get(), &options, told);
            });
    }

  private:
    /* The texts that a resolver has returned during one parse, and what it threw. */
    struct included {
        const resolver &resolve;
        std::list<std::string> texts;
        std::exception_ptr thrown;

        static const char *find(const char *name, std::size_t *length, void *user) noexcept
        {
            included &self = *static_cast<included *>(user);
            try {
                std::optional<std::string> text = self.resolve(name);
                if (!text)
                    return nullptr;
                self.texts.push_back(std::move(*text));
            } catch (...) {
                self.thrown = std::current_exception();
                return nullptr;
            }
            *length = self.texts.back().size();
            return self.texts.back().data();
        }
    };

    static std::int32_t count(const qubit_list &qubits) noexcept
    {
        return static_cast<std::int32_t>(qubits.size());
    }
    /* What C reads without being told how much there is. -1: C refuses such gates here. */
    static void need_gate(ketch_gate gate, std::size_t qubits, const char *angles,
                          std::size_t angle_count)
    {
        if (ketch_gate_qubits(gate) < 0)
            return;
        detail::need_count("ketch::circuit::gate", "qubits", qubits,
                           static_cast<std::size_t>(ketch_gate_qubits(gate)));
        detail::need_count("ketch::circuit::gate", angles, angle_count,
                           static_cast<std::size_t>(ketch_gate_params(gate)));
    }
    static void need_places(const char *argument, const qubit_list &places, std::int32_t there)
    {
        detail::need_count("ketch::circuit::append", argument, places.size(),
                           static_cast<std::size_t>(there));
    }
    template <class Function, class... Arguments>
    circuit &add(Function &&function, Arguments... arguments)
    {
        call(function, get(), arguments...);
        return *this;
    }
    template <class Function, class... Arguments>
    circuit derived(Function &&function, Arguments... arguments) const
    {
        ketch_circuit *made = nullptr;
        call(function, &made, get(), arguments...);
        return circuit(made);
    }
};

/* A circuit that is planned. */
class program : public handle<ketch_program> {
  public:
    using handle::handle;
    explicit program(const circuit &of,
                     const ketch_program_options &options = sized<ketch_program_options>())
    {
        ketch_program *made = nullptr;
        call(ketch_program_create, &made, of.get(), &options);
        *this = program(made);
    }
    program share() const noexcept
    {
        return program(ketch_program_share(get()));
    }
    /* reuse: an earlier bound program, whose memory may be used again. It ends. */
    program bind(list<double> values, program reuse = program()) const
    {
        ketch_program *made = reuse.get();
        call(ketch_program_bind, &made, get(), values.data(), std::uint64_t(values.size()));
        reuse.release();
        return program(made);
    }
    ketch_program_info info() const
    {
        sized<ketch_program_info> info;
        call(ketch_program_get_info, &info, get());
        return info;
    }
    /* The plan, for people. */
    std::string plan() const
    {
        return detail::text(
            [this](char *text, std::size_t capacity, std::size_t *length, ketch_error *told) {
                return ketch_program_plan(text, capacity, length, get(), told);
            });
    }
};

class engine;

/* ---- states ---- */

/* The terms of a sum of Pauli products: ketch_state_pauli. No x_masks: no X. */
struct pauli_sum {
    list<std::uint64_t> x_masks;
    list<std::uint64_t> z_masks;
    list<double> coefficients;

    std::uint64_t count(const char *function) const
    {
        detail::need_count(function, "z_masks", z_masks.size(), coefficients.size());
        if (x_masks.size() > 0)
            detail::need_count(function, "x_masks", x_masks.size(), coefficients.size());
        return coefficients.size();
    }
};

/* 2^qubits amplitudes. Where a function takes an engine, a pointer to the C handle, nullptr: it
 * works on the calling thread alone. */
class state : public handle<ketch_state> {
  public:
    using handle::handle;
    state(const arena &in, std::int32_t qubits, ketch_precision precision = KETCH_DOUBLE)
    {
        ketch_state *made = nullptr;
        call(ketch_state_create, &made, in.get(), qubits, precision);
        *this = state(made);
    }
    state share() const noexcept
    {
        return state(ketch_state_share(get()));
    }
    std::int32_t qubits() const noexcept
    {
        return ketch_state_qubits(get());
    }
    ketch_precision precision() const noexcept
    {
        return ketch_state_precision(get());
    }
    /* The characters 0 1 + -, the leftmost for the highest qubit. */
    void set(const char *ket)
    {
        call(ketch_state_set_ket, get(), ket);
    }
    /* normalise: they are scaled to norm 1. */
    template <class Real> void set(list<std::complex<Real>> amplitudes, bool normalise = false)
    {
        call(ketch_state_set_amplitudes, get(), static_cast<const void *>(amplitudes.data()),
             std::uint64_t(amplitudes.size()), precision_of<Real>(), normalise ? 1 : 0);
    }
    /* double or float, as the state's precision is (MISMATCH). Valid until the state is written or
     * ends. */
    template <class Real = double> span<const std::complex<Real>> amplitudes() const
    {
        if (get() && precision() != precision_of<Real>())
            detail::fail(KETCH_MISMATCH, "ketch::state::amplitudes", "bytes of a real number",
                         sizeof(Real),
                         precision() == KETCH_DOUBLE ? sizeof(double) : sizeof(float));
        const void *data = nullptr;
        call(ketch_state_amplitudes, &data, get());
        return {static_cast<const std::complex<Real> *>(data),
                detail::power(static_cast<std::size_t>(qubits()))};
    }
    ketch::block block() const
    {
        ketch_block *shared = nullptr;
        call(ketch_state_block, &shared, get());
        return ketch::block(shared);
    }
    double norm(ketch_engine *on = nullptr) const
    {
        double norm = 0;
        call(ketch_state_norm, &norm, on, get());
        return norm;
    }
    /* <this|other>. */
    std::complex<double> inner(const state &other, ketch_engine *on = nullptr) const
    {
        double inner[2] = {0, 0};
        call(ketch_state_inner, inner, on, get(), other.get());
        return {inner[0], inner[1]};
    }
    std::vector<double> probabilities(list<std::int32_t> of, ketch_engine *on = nullptr) const
    {
        std::vector<double> made(room(of.size()));
        call(ketch_state_probabilities, made.data(), std::uint64_t(made.size()), on, get(),
             static_cast<std::int32_t>(of.size()), of.data());
        return made;
    }
    double expectation(const pauli_sum &of, ketch_engine *on = nullptr) const
    {
        double value = 0;
        call(ketch_state_pauli, &value, on, get(), of.count("ketch::state::expectation"),
             of.x_masks.data(), of.z_masks.data(), of.coefficients.data());
        return value;
    }
    double variance(const pauli_sum &of, ketch_engine *on = nullptr) const
    {
        double value = 0;
        call(ketch_state_variance, &value, on, get(), of.count("ketch::state::variance"),
             of.x_masks.data(), of.z_masks.data(), of.coefficients.data());
        return value;
    }
    /* Indices of basis states, drawn with their probabilities. */
    std::vector<std::uint64_t> sample(std::uint64_t shots, std::uint64_t seed,
                                      ketch_engine *on = nullptr, std::uint64_t first = 0) const
    {
        std::vector<std::uint64_t> made(static_cast<std::size_t>(shots));
        call(ketch_state_sample, made.data(), shots, on, get(), seed, first);
        return made;
    }
    /* Measures a qubit and collapses the state. earlier: how often this seed was used before. */
    std::int32_t measure(std::int32_t qubit, std::uint64_t seed, std::uint64_t earlier = 0,
                         ketch_engine *on = nullptr)
    {
        std::int32_t outcome = 0;
        call(ketch_state_measure, &outcome, on, get(), qubit, seed, earlier);
        return outcome;
    }

  private:
    template <class Real> static constexpr ketch_precision precision_of()
    {
        static_assert(std::is_same_v<Real, double> || std::is_same_v<Real, float>,
                      "amplitudes are of double or float");
        return std::is_same_v<Real, double> ? KETCH_DOUBLE : KETCH_SINGLE;
    }
    /* How many probabilities there are; 0, which C refuses, for more qubits than the state has. */
    std::size_t room(std::size_t count) const noexcept
    {
        return count <= static_cast<std::size_t>(qubits()) ? detail::power(count) : 0;
    }
};

/* ---- results ---- */

/* A run that has ended, or that is suspended and can be resumed. */
class result : public handle<ketch_result> {
  public:
    using handle::handle;
    /* OK: it has ended. STOPPED, TIMEOUT or a failure: why not. */
    ketch_status status() const noexcept
    {
        return ketch_result_status(get());
    }
    bool ended() const noexcept
    {
        return status() == KETCH_OK;
    }
    /* What the hook returned last. */
    std::int32_t hook() const noexcept
    {
        return ketch_result_hook(get());
    }
    ketch_position position() const
    {
        sized<ketch_position> position;
        call(ketch_result_get_position, &position, get());
        return position;
    }
    ketch_report report() const
    {
        sized<ketch_report> report;
        call(ketch_result_get_report, &report, get());
        return report;
    }
    /* The state of a circuit's run. */
    ketch::state state() const noexcept
    {
        return ketch::state(ketch_state_share(ketch_circuit_result_state(get())));
    }
    /* Rows of classical bits, which belong to the result. */
    ketch_outcomes outcomes() const
    {
        sized<ketch_outcomes> outcomes;
        call(ketch_circuit_result_outcomes, &outcomes, get());
        return outcomes;
    }
    /* How often each outcome came; the leftmost character is the highest bit. */
    std::map<std::string, std::uint64_t> counts() const
    {
        const ketch_outcomes rows = outcomes();
        std::uint64_t distinct = 0;
        call(ketch_circuit_result_counts, &distinct, nullptr, nullptr, std::uint64_t(0), get());
        std::vector<std::uint64_t> examples(static_cast<std::size_t>(distinct)), times(examples);
        call(ketch_circuit_result_counts, &distinct, examples.data(), times.data(), distinct,
             get());
        std::map<std::string, std::uint64_t> made;
        for (std::size_t i = 0; i < examples.size(); i++)
            made[bits_of(rows, examples[i])] = times[i];
        return made;
    }
    /* A number that the run observed. */
    double observed(std::uint64_t index) const
    {
        double value = 0;
        call(ketch_circuit_result_observed, &value, std::uint64_t(1), index, get());
        return value;
    }
    /* The probabilities of `qubits` qubits that the run observed. */
    std::vector<double> observed(std::uint64_t index, std::size_t qubits) const
    {
        std::vector<double> made(detail::power(qubits));
        call(ketch_circuit_result_observed, made.data(), std::uint64_t(made.size()), index, get());
        return made;
    }
    /* note: bytes that are kept in the file. force: any regular file is replaced. */
    void save(const std::string &path, std::string_view note = {}, bool force = false)
    {
        call(ketch_result_save, get(), path.c_str(), static_cast<const void *>(note.data()),
             std::uint64_t(note.size()), force ? 1 : 0);
    }

  private:
    static std::string bits_of(const ketch_outcomes &rows, std::uint64_t row)
    {
        const std::uint8_t *bits = rows.rows + row * rows.bits;
        std::string text(static_cast<std::size_t>(rows.bits), '0');
        for (std::size_t bit = 0; bit < text.size(); bit++)
            text[text.size() - 1 - bit] = bits[bit] ? '1' : '0';
        return text;
    }
};

/* ---- engines ---- */

/* Workers, an arena and settings. It must not end while it carries a run.
 *
 * A run that fails, or whose hook throws, has no result where it was started by run. Start it with
 * begin and go on with resume to keep the result: it is then suspended, and can be resumed. */
class engine : public handle<ketch_engine> {
  public:
    using handle::handle;
    explicit engine(const ketch_engine_options &options)
    {
        ketch_engine *made = nullptr;
        call(ketch_engine_create, &made, &options);
        *this = engine(made);
    }
    engine() : engine(sized<ketch_engine_options>())
    {
    }
    ketch::arena arena() const noexcept
    {
        return ketch::arena(ketch_arena_share(ketch_engine_arena(get())));
    }
    ketch_engine_info info() const
    {
        sized<ketch_engine_info> info;
        call(ketch_engine_get_info, &info, get());
        return info;
    }
    /* Any thread, a hook, or a signal handler. */
    void stop() noexcept
    {
        ketch_engine_stop(get());
    }

    /* Plans a circuit and runs it on |0...0>. */
    result run(const circuit &of, const ketch::run &how = {},
               const ketch_shots &shots = sized<ketch_shots>(),
               const ketch_program_options &options = sized<ketch_program_options>())
    {
        return carried(how, [&](ketch_result **made, const ketch_run *run, ketch_error *told) {
            return ketch_circuit_run(made, get(), of.get(), &options, &shots, run, told);
        });
    }
    /* Runs a program on |0...0>. */
    result run(const program &of, const ketch::run &how = {},
               const ketch_shots &shots = sized<ketch_shots>())
    {
        return run(of, state(nullptr), how, shots);
    }
    result run(const program &of, const state &on, const ketch::run &how = {},
               const ketch_shots &shots = sized<ketch_shots>())
    {
        return carried(how, [&](ketch_result **made, const ketch_run *run, ketch_error *told) {
            return ketch_program_run(made, get(), of.get(), on.get(), &shots, run, told);
        });
    }
    /* Runs a job of your own. */
    result run(const ketch_job &job, const ketch::run &how = {})
    {
        return carried(how, [&](ketch_result **made, const ketch_run *run, ketch_error *told) {
            return ketch_engine_run(made, get(), &job, run, told);
        });
    }
    /* The same, suspended before the first step. */
    result begin(const program &of, const ketch_shots &shots = sized<ketch_shots>())
    {
        return begin(of, state(nullptr), shots);
    }
    result begin(const program &of, const state &on,
                 const ketch_shots &shots = sized<ketch_shots>())
    {
        ketch_result *made = nullptr;
        call(ketch_program_begin, &made, get(), of.get(), on.get(), &shots,
             static_cast<const ketch_run *>(nullptr));
        return result(made);
    }
    result begin(const ketch_job &job)
    {
        ketch_result *made = nullptr;
        call(ketch_engine_begin, &made, get(), &job, static_cast<const ketch_run *>(nullptr));
        return result(made);
    }
    /* Goes on to the end. Returns OK, STOPPED or TIMEOUT. */
    ketch_status resume(result &on, const ketch::run &how = {})
    {
        return carry(how, [&](const ketch_run *run, ketch_error *told) {
            return ketch_engine_resume(get(), on.get(), run, told);
        });
    }
    /* Goes on to the next fence or the end. */
    ketch_status advance(result &on, const ketch::run &how = {})
    {
        return carry(how, [&](const ketch_run *run, ketch_error *told) {
            return ketch_engine_advance(get(), on.get(), run, told);
        });
    }
    /* A saved run of the program. */
    result load(const program &of, const std::string &path)
    {
        ketch_result *made = nullptr;
        call(ketch_circuit_load, &made, get(), of.get(), path.c_str());
        return result(made);
    }
    /* What a run of the program would take. */
    ketch_need need(const program &of, const ketch_shots &shots = sized<ketch_shots>()) const
    {
        sized<ketch_need> need;
        call(ketch_program_need, &need, get(), of.get(), &shots);
        return need;
    }

  private:
    template <class Start> static result carried(const ketch::run &how, Start start)
    {
        result made;
        carry(how, [&](const ketch_run *run, ketch_error *told) {
            ketch_result *begun = nullptr;
            const ketch_status status = start(&begun, run, told);
            made = result(begun);
            return status;
        });
        return made;
    }
};

} // namespace with_span

} // namespace ketch

#endif
