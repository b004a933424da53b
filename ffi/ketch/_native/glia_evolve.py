"""Evolutions and populations of networks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._ketch import ffi, lib
from .base import Pointer, call, fields, places, struct, whole_text
from .glia_train import Config, Episodes
from .handles import (
    NULL,
    EngineHandle,
    NetHandle,
    PopulationHandle,
    ResultHandle,
    SequenceHandle,
)
from .runs import Frame

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

BEST_OF_ALL: int = lib.KETCH_GLIA_BEST_OF_ALL
BEST_OF_LAST: int = lib.KETCH_GLIA_BEST_OF_LAST

_net_place = places("glia_net")
_population_place = places("glia_population")


def _names(kind: str) -> list[str]:
    return [name for name, _ in ffi.typeof(kind).fields if name != "size"]


_CONFIG = _names("ketch_glia_evolution_config")

# ---- what C calls for a fitness

# Gets the fields of a candidate and its network, which is its own reference; gives the fitness.
Score = Callable[[dict[str, Any], NetHandle], float]


class Scorer:
    """A fitness function for C. frame: that of the call that is on, which gets what the function
    raises."""

    __slots__ = ("frame", "score", "user")

    def __init__(self, score: Score) -> None:
        self.score = score
        self.frame: Frame | None = None
        self.user: Pointer = ffi.new_handle(self)

    def fail(self, exception: BaseException) -> None:
        """Keeps it for the frame's caller."""
        if self.frame is not None:
            self.frame.failure = exception


def _interrupted(kind: object, exception: BaseException, traceback: Any) -> None:
    """An exception outside of the function's own try: Ctrl-C at its first line."""
    user = traceback.tb_frame.f_locals.get("user") if traceback is not None else None
    if user is not None:
        ffi.from_handle(user).fail(exception)


@ffi.def_extern(name="ketch_py_fitness", error=-1, onerror=_interrupted)  # type: ignore[untyped-decorator]
def _fitness(fitness: Pointer, candidate: Pointer, user: Pointer) -> int:
    scorer: Scorer = ffi.from_handle(user)
    try:
        found = fields(candidate)
        fitness[0] = scorer.score(found, share(found.pop("net")))
        return 0
    except BaseException as exception:
        scorer.fail(exception)
        return -1


def share(net: Pointer) -> NetHandle:
    """A reference to a network that C owns."""
    place: NetHandle = _net_place()
    lib.ketch_py_share_glia_net(place, net)
    return place


# ---- evolutions


def evolution_config(numbers: Mapping[str, Any]) -> Pointer:
    """A config for C: numbers of all its fields, and maybe more."""
    made = struct("ketch_glia_evolution_config")
    for name in _CONFIG:
        setattr(made, name, numbers[name])
    return made


class Evolving:
    """An evolution for C, with what it points to."""

    __slots__ = ("config", "evolution", "scorer", "struct", "train", "validation")

    def __init__(
        self,
        train: Iterable[tuple[SequenceHandle, bytes]],
        validation: Iterable[tuple[SequenceHandle, bytes]],
        config: Config,
        evolution: Pointer,
        scorer: Scorer | None,
    ) -> None:
        self.train, self.validation = Episodes(train), Episodes(validation)
        self.config, self.evolution, self.scorer = config, evolution, scorer
        self.struct = struct("ketch_glia_evolution")
        self.struct.train, self.struct.train_count = self.train.array, len(self.train.array)
        self.struct.validation = self.validation.array
        self.struct.validation_count = len(self.validation.array)
        self.struct.config, self.struct.evolution = config.struct, evolution
        if scorer is not None:
            self.struct.fitness = ffi.addressof(lib, "ketch_py_call_fitness")
            self.struct.user = scorer.user


def evolve(frame: Frame, engine: EngineHandle, net: NetHandle, evolving: Evolving) -> int:
    """Evolves; gives the status."""
    arguments = engine[0], net[0], evolving.struct, frame.run, frame.error
    return int(lib.ketch_py_glia_evolve(frame.place, *arguments))


def memory(engine: EngineHandle, net: NetHandle, evolving: Evolving) -> int:
    """Bytes that an evolution takes."""
    need = struct("ketch_need")
    call(lib.ketch_glia_evolve_need, need, engine[0], net[0], evolving.struct)
    return int(need.bytes)


def load(
    frame: Frame, engine: EngineHandle, net: NetHandle, evolving: Evolving, path: bytes
) -> None:
    """Loads a saved evolution into a frame's place."""
    arguments = engine[0], net[0], evolving.struct, path
    call(lib.ketch_glia_evolve_load, frame.place, *arguments)


def look_at_generation(step: Pointer) -> dict[str, Any] | None:
    """The generation that has been scored; None: a tick."""
    if not step.view:
        return None
    generation = struct("ketch_glia_generation")
    if lib.ketch_glia_get_generation(generation, step, NULL) < 0:
        return None
    return fields(generation)


def _records(
    kind: str, count: Callable[..., int], read: Callable[..., int], result: ResultHandle
) -> Sequence[dict[str, Any]]:
    """All that a result has of these."""
    several = ffi.new("uint64_t *")
    call(count, several, result)
    if not several[0]:
        return []
    records = ffi.new(f"{kind}[]", several[0])
    records[0].size = ffi.sizeof(kind)
    call(read, records, 0, several[0], result)
    names = _names(kind)
    return [{name: getattr(record, name) for name in names} for record in records]


def history(result: ResultHandle) -> Sequence[dict[str, Any]]:
    """The generations that have been scored."""
    functions = lib.ketch_glia_get_generations, lib.ketch_glia_get_generation_history
    return _records("ketch_glia_generation", *functions, result)


def lineage(result: ResultHandle) -> Sequence[dict[str, Any]]:
    """All individuals."""
    functions = lib.ketch_glia_get_individuals, lib.ketch_glia_get_lineage
    return _records("ketch_glia_individual", *functions, result)


def lineage_json(result: ResultHandle) -> str:
    """All individuals as a text."""
    return whole_text(lib.ketch_glia_lineage_json, result)


def evolved_net(result: ResultHandle, which: int) -> NetHandle:
    """The best individual's network."""
    place: NetHandle = _net_place()
    call(lib.ketch_glia_evolved_net, place, result, which, NULL)
    return place


# ---- populations


def population_create(net: NetHandle, config: Pointer) -> PopulationHandle:
    """A population in its first generation."""
    place: PopulationHandle = _population_place()
    call(lib.ketch_glia_population_create, place, net[0], config)
    return place


def population_ask(population: PopulationHandle, individual: int) -> NetHandle:
    """An individual's network."""
    place: NetHandle = _net_place()
    call(lib.ketch_glia_population_ask, place, population[0], individual)
    return place


def population_tell(
    population: PopulationHandle, fitness: NDArray[numpy.float64]
) -> dict[str, Any]:
    """Breeds the next generation; gives what became of this one."""
    generation = struct("ketch_glia_generation")
    numbers = ffi.from_buffer("double[]", fitness)
    call(lib.ketch_glia_population_tell, generation, population[0], numbers, fitness.size)
    return fields(generation)


def population_best(population: PopulationHandle, which: int) -> NetHandle:
    """The best individual's network."""
    place: NetHandle = _net_place()
    call(lib.ketch_glia_population_best, place, population[0], which)
    return place
