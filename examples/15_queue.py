"""Two trainers on two threads, and a third thread that shows how they get on: their callback only
puts numbers into a queue, so that it costs the training next to nothing, however slow a plot is."""

import queue
import tempfile
import threading
from pathlib import Path
from typing import TypeAlias

from ketch import glia

HERE = Path(__file__).parent
EPOCHS, EACH = 600, 100  # a line is printed for each so many epochs
RULES = ("gradient", "hebbian")
Message: TypeAlias = tuple[str, int, float, float] | None  # rule, epoch, accuracy, margin

messages: queue.Queue[Message] = queue.Queue()
data = glia.Dataset(  # read by both trainers at once
    [
        (glia.load_sequence_file(str(HERE / f"xor{inputs}.seq")), target)
        for inputs, target in (("01", "O1"), ("10", "O1"), ("11", "O0"))
    ]
)
config = glia.create_config(lr=0.5, optimizer="adam", shuffle=False, batch_size=3)


def train(rule: str) -> None:
    """One trainer and a network of its own. Python's lock is taken for callbacks alone."""
    net = glia.Network.from_file(str(HERE / "xor_untrained.net"), verbose=False)
    trainer = glia.Trainer(net, config, use_gradient=rule == "gradient")
    trainer.train(
        data,
        EPOCHS,
        lr_schedule=None,
        callback=lambda epoch, accuracy, margin: messages.put((rule, epoch, accuracy, margin)),
    )


def plot(history: dict[str, list[float]], path: Path) -> None:
    """A picture of all margins so far; without matplotlib there is none."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure()  # no window, and no state that threads would share
    axes = figure.subplots()
    for rule, margins in history.items():
        axes.plot(margins, label=rule)
    axes.set(xlabel="epoch", ylabel="margin")
    axes.legend()
    figure.savefig(path)


def show(path: Path) -> None:
    """Takes what there is, draws it, and comes back for more, until None tells of the end."""
    history: dict[str, list[float]] = {rule: [] for rule in RULES}
    accuracies: dict[str, list[float]] = {rule: [] for rule in RULES}
    shown, more = 0, True
    while more:
        several = [messages.get()]  # waits for one, takes all that came meanwhile
        while not messages.empty():
            several.append(messages.get())
        for message in several:
            if message is None:
                more = False
                continue
            rule, _, accuracy, margin = message
            history[rule].append(margin)
            accuracies[rule].append(accuracy)
        plot(history, path)
        while shown + EACH <= min(map(len, history.values())):
            shown += EACH
            both = (f"{rule} {accuracies[rule][shown - 1]:.2f}" for rule in RULES)
            print(f"epoch {shown}: " + ", ".join(both))
    print("epochs shown:", ", ".join(f"{rule} {len(history[rule])}" for rule in RULES))


with tempfile.TemporaryDirectory() as folder:
    consumer = threading.Thread(target=show, args=(Path(folder) / "margins.png",))
    consumer.start()
    trainers = [threading.Thread(target=train, args=(rule,)) for rule in RULES]
    for thread in trainers:
        thread.start()
    for thread in trainers:
        thread.join()
    messages.put(None)
    consumer.join()
