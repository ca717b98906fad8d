"""Write docs/benchmarks.md from the results: the figures, the machine, and the goals."""

from collections.abc import Mapping
from typing import Any

from bench.goals import GOALS, Verdict, judge, size_text
from bench.growth_page import growth_section
from bench.install import ENVIRONMENTS, FORMS
from bench.serving import CLIENTS
from bench.spread import figure_cell, number_text, ratios, spread_text
from bench.startup import ANSWERS
from seqlab.reporting.table import markdown_table

Parts = Mapping[str, Any]
MEGA, GIGA = 1e6, 1e9
BUSY = 0.05  # share of the cores used by other processes; above it the page warns


def page(results: Mapping[str, Any]) -> str:
    """The whole page. results: the stored results of `run.py`."""
    parts = with_peer_ratios(results["parts"])
    sections = [
        "# Benchmarks",
        "Written by `.venv/bin/python scripts/bench/run.py --write docs/benchmarks.md`. Each figure is the "
        "median over rounds, with the lowest and highest in brackets. A ratio is computed within each round, "
        "between figures measured side by side.",
        machine_section(results["machine"]),
        "## Goals\n\n" + goals_table([judge(goal, dict(parts)) for goal in GOALS]),
        speed_section(parts),
        pipe_section(parts),
        offsets_section(parts),
        serving_section(parts),
        vocabulary_section(parts),
        crf_section(parts),
        checkpoints_section(parts),
        recurrence_section(parts),
        memory_section(parts),
        startup_section(parts),
        install_section(parts),
        quality_section(parts),
        parts_section(parts),
        growth_section(parts),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def with_peer_ratios(parts: Parts) -> dict[str, Any]:
    """Add to the peers' part the ratio of seqlab's speed to that of the fastest peer."""
    if "peers" not in parts or "speed" not in parts:
        return dict(parts)
    figures = dict(parts["peers"]["figures"])
    for kind in ("training", "tagging"):
        fastest = max((v[0] for name, v in figures.items() if name.endswith(f" {kind}")), default=0)
        ours = parts["speed"]["figures"][f"{kind} seqlab"]
        if fastest and parts["peers"]["sizes"]["corpus"] == parts["speed"]["sizes"]["corpus"]:
            figures[f"{kind} ratio"] = ratios(ours, [fastest] * len(ours))
    return {**parts, "peers": {**parts["peers"], "figures": figures}}


def machine_section(machine: Mapping[str, Any]) -> str:
    """Machine and versions."""
    rows = [
        ["processor", f"{machine['cpu']}, {machine['cores']} cores"],
        ["memory", f"{machine['memory_bytes'] / GIGA:.0f} GB"],
        ["system", machine["system"]],
        ["Python, TensorFlow, Keras, numpy",
         ", ".join(machine[name] for name in ("python", "tensorflow", "keras", "numpy"))],
        ["seqlab", machine["commit"]],
    ]  # fmt: skip
    return markdown_table(["machine", ""], rows)


def goals_table(verdicts: list[Verdict]) -> str:
    """Every goal and the figure that was reached."""
    rows = []
    for verdict in verdicts:
        sign = "at least" if verdict.goal.at_least else "at most"
        reached = spread_text(verdict.reached) if verdict.reached else "–"
        rows.append([verdict.goal.text, f"{sign} {verdict.goal.limit:g}", reached, verdict.word])
    return markdown_table(["", "goal", "reached", ""], rows)


def speed_section(parts: Parts) -> str:
    """Tokens per second, and the rate of matrix products."""
    if "speed" not in parts:
        return ""
    sizes, figures = parts["speed"]["sizes"], parts["speed"]["figures"]
    rows = [
        ["classic recipe, tokens/s", *cells(figures, "classic")],
        ["seqlab, tokens/s", *cells(figures, "seqlab")],
        ["seqlab : classic", *cells(figures, "ratio")],
        ["matrix products, GFLOP/s", *cells(figures, "rate", divide=GIGA)],
        ["useful arithmetic : matrix products", *cells(figures, "fraction")],
        ["seqlab, the same text again, tokens/s", *cells(figures, "seqlab again")],
        [
            "the same text again, useful arithmetic : matrix products",
            *cells(figures, "fraction again"),
        ],
    ]
    rows += [[f"{name}, tokens/s", *pair] for name, pair in peer_cells(parts).items()]
    flops = [f"{sizes[f'{kind} flops a token'] / MEGA:.2f}" for kind in ("training", "tagging")]
    return (
        f"## Speed: {sizes['corpus']}\n\n"
        + markdown_table(["", "training", "tagging"], rows)
        + f"\n\nOnly real tokens are counted ({number_text(sizes['training tokens'])} per epoch, "
        f"{number_text(sizes['tagged tokens'])} tagged). Useful arithmetic is {flops[0]} million operations per token "
        f"in training and {flops[1]} in tagging (`scripts/bench/arithmetic.py`). For text tagged again it leaves out the "
        "character layers, because all words are known."
    )


def pipe_section(parts: Parts) -> str:
    """The whole command with one process and with several."""
    if "pipe" not in parts:
        return ""
    sizes, figures = parts["pipe"]["sizes"], parts["pipe"]["figures"]
    rows = [
        ["tokens/s", *pipe_cells(figures, "")],
        ["useful arithmetic : matrix products", *pipe_cells(figures, " fraction")],
        ["peak MB, all processes", *pipe_cells(figures, " peak", divide=MEGA)],
    ]
    return (
        "## Tagging a pipe\n\n"
        + markdown_table(
            ["`python -m seqlab.tag`", "1 process", f"{sizes['workers']} workers"], rows
        )
        + f"\n\nThe whole command is measured, including start, reading and writing. Text: {sizes['corpus']}, all splits "
        f"repeated, {number_text(sizes['tokens'])} tokens. {sizes['workers']} workers : 1 process: "
        f"{figure_cell(figures['ratio'])}. Matrix products: {figure_cell(figures['rate'], divide=GIGA)} GFLOP/s on "
        f"all cores. Useful arithmetic: {sizes['flops a token'] / MEGA:.2f} million operations per token."
    )


def offsets_section(parts: Parts) -> str:
    """Raw text to JSON with offsets, against raw text to columns."""
    if "offsets" not in parts:
        return ""
    sizes, figures = parts["offsets"]["sizes"], parts["offsets"]["figures"]
    rows = [
        ["columns, each line a sentence, MB/s", *pipe_cells(figures, " columns", divide=MEGA)],
        ["JSON with offsets, split sentences, MB/s", *pipe_cells(figures, " offsets", divide=MEGA)],
        ["JSON : columns", *pipe_cells(figures, " ratio")],
        ["peak MB, columns", *pipe_cells(figures, " columns peak", divide=MEGA)],
        ["peak MB, JSON", *pipe_cells(figures, " offsets peak", divide=MEGA)],
    ]
    header = ["`python -m seqlab.tag`, raw text", "1 process", f"{sizes['workers']} workers"]
    return (
        "## Raw text with offsets\n\n"
        + markdown_table(header, rows)
        + f"\n\nThe whole command is measured, including start, reading, tokenising and writing. Text: {sizes['corpus']}, "
        f"the raw text of all splits repeated, {sizes['bytes'] / MEGA:.1f} MB."
    )


def pipe_cells(figures: Mapping[str, Any], name: str, *, divide: float = 1.0) -> list[str]:
    """A figure of one process and of all workers."""
    return [figure_cell(figures[f"{count}{name}"], divide=divide) for count in ("one", "all")]


def cells(figures: Mapping[str, Any], name: str, *, divide: float = 1.0) -> list[str]:
    """A figure in training and in tagging."""
    kinds = ("training", "tagging")
    return [figure_cell(figures.get(f"{kind} {name}"), divide=divide) for kind in kinds]


def peer_cells(parts: Parts) -> dict[str, list[str]]:
    """Each peer's tokens per second in training and tagging."""
    figures = parts.get("peers", {}).get("figures", {})
    names = [name.removesuffix(" tagging") for name in figures if name.endswith(" tagging")]
    return {
        name: [figure_cell(figures.get(f"{name} {kind}")) for kind in ("training", "tagging")]
        for name in names
    }


def serving_section(parts: Parts) -> str:
    """Latency and rate of the server by the number of clients, and its memory."""
    if "serving" not in parts:
        return ""
    sizes, figures = parts["serving"]["sizes"], parts["serving"]["figures"]
    columns = ("p50", "p99", "requests", "tokens", "ratio")
    loads = {
        f"{count} clients": "one client" if count == 1 else f"{count} clients" for count in CLIENTS
    }
    loads["half"] = (
        f"{CLIENTS[-1]} clients, {sizes['texts per request']} texts per request, half of the bulk rate"
    )
    rows = [
        [text, *(figure_cell(figures[f"{name} {column}"]) for column in columns)]
        for name, text in loads.items()
    ]
    header = [
        "`python -m seqlab.serve`",
        "p50, ms",
        "p99, ms",
        "requests/s",
        "tokens/s",
        "tokens/s : bulk",
    ]
    most = max(max(figures[f"{name} load"]) for name in loads)
    return (
        "## Serving\n\n"
        + markdown_table(header, rows)
        + f"\n\nThe server is one process. The texts are {number_text(sizes['texts'])} sentences of {sizes['corpus']}, from "
        f"validation and test: {number_text(sizes['tokens'])} tokens. A request has one text, unless the table names more. "
        f"The clients run in a second process, which used {most:.0%} of a core at most. At half of the bulk rate, requests "
        "are due at fixed times, and latency counts from the time when a request was due. The bulk rate is that of "
        f"`tag_texts` in one process: {figure_cell(figures['bulk'])} tokens/s.\n\n"
        "`tag_text` tags a sentence of 20 tokens, whose words it has seen, in "
        f"{figure_cell(figures['python p50'])} ms (p50) and {figure_cell(figures['python p99'])} ms (p99).\n\n"
        f"After {number_text(sizes['requests'] // 2)} requests with two new words each, the server takes "
        f"{figure_cell(figures['memory early'], divide=MEGA)} MB of memory. After {number_text(sizes['requests'])}, it "
        f"takes {figure_cell(figures['memory late'], divide=MEGA)} MB."
    )


def vocabulary_section(parts: Parts) -> str:
    """Step time with a small and a large word table."""
    if "vocabulary" not in parts:
        return ""
    part = parts["vocabulary"]
    rows = [
        [
            f"{part['sizes'][f'{name} vocabulary']:,} words",
            figure_cell(part["figures"][name]),
            figure_cell(part["figures"][f"{name} end"]),
        ]
        for name in ("small", "large")
    ]
    header = ["trainable vocabulary", "ms per step", "ms at the end of an epoch"]
    return "## A large vocabulary\n\n" + markdown_table(header, rows)


def crf_section(parts: Parts) -> str:
    """Step time with both output layers, for few and for many tags."""
    if "crf" not in parts:
        return ""
    sizes, figures = parts["crf"]["sizes"], parts["crf"]["figures"]
    corpora = {"few": sizes["corpus"], "many": "generated"}
    rows = [
        [
            f"{corpus}, {sizes[f'{name} tags']} tags",
            *(figure_cell(figures[f"{name} {column}"]) for column in ("softmax", "crf", "ratio")),
        ]
        for name, corpus in corpora.items()
    ]
    header = ["training step", "`--head softmax`, ms", "`--head crf`, ms", "ratio"]
    return "## CRF and softmax\n\n" + markdown_table(header, rows)


def checkpoints_section(parts: Parts) -> str:
    """Seconds per epoch with and without a checkpoint at its end."""
    if "checkpoints" not in parts:
        return ""
    sizes, figures = parts["checkpoints"]["sizes"], parts["checkpoints"]["figures"]
    row = [sizes["corpus"], *(figure_cell(figures[name]) for name in ("without", "with", "ratio"))]
    header = ["epoch", "without checkpoints, s", "with one at its end, s", "ratio"]
    size = f"{sizes['checkpoint bytes'] / MEGA:.1f} MB"
    return f"## Checkpoints\n\n{markdown_table(header, [row])}\n\nA checkpoint has {size}."


def recurrence_section(parts: Parts) -> str:
    """Keras' LSTM and the block kernels."""
    if "recurrence" not in parts:
        return ""
    figures = parts["recurrence"]["figures"]
    rows = [
        [
            name,
            *(figure_cell(figures[f"{name}, {column}"]) for column in ("Keras", "block", "ratio")),
        ]
        for name in parts["recurrence"]["sizes"]["shapes"]
    ]
    header = ["training step of one BiLSTM", "Keras, ms", "block kernels, ms", "ratio"]
    return "## Recurrence\n\n" + markdown_table(header, rows)


def memory_section(parts: Parts) -> str:
    """Peak memory of processes."""
    rows = []
    if "memory" in parts:
        figures, corpus = parts["memory"]["figures"], parts["memory"]["sizes"]["corpus"]
        rows = [
            ["bare import of tensorflow", figure_cell(figures["import"], divide=MEGA)],
            [f"training, seqlab, {corpus}", figure_cell(figures["seqlab"], divide=MEGA)],
            [f"training, classic recipe, {corpus}", figure_cell(figures["classic"], divide=MEGA)],
        ]
    if "growth" in parts:
        sizes, figures = parts["growth"]["sizes"], parts["growth"]["figures"]
        for kind, key, unit in (
            ("training", "sentences", "generated sentences"),
            ("pipe", "megabytes", "MB"),
        ):
            for size, which in zip(sizes[key], ("small", "large"), strict=True):
                name = f"{'tagging a pipe' if kind == 'pipe' else kind}, {size_text(size)} {unit}"
                rows.append([name, figure_cell(figures[f"{kind} {which}"], divide=MEGA)])
    if not rows:
        return ""
    text = "## Memory\n\n" + markdown_table(["process", "peak MB"], rows)
    if "growth" in parts:
        text += f"\n\nEach further generated sentence costs {figure_cell(figures['bytes a sentence'])} bytes in training."
        if "settings" in sizes:  # results of an earlier version lack them
            text += f" Settings of these trainings: {sizes['settings']}."
    return text


def startup_section(parts: Parts) -> str:
    """Seconds until the answer, and until the first tag."""
    if "startup" not in parts:
        return ""
    figures = parts["startup"]["figures"]
    rows = [[name, "CPU", figure_cell(figures[name])] for name in ANSWERS]
    rows.append(["`tag`, start to first tag", "wall", figure_cell(figures["first tag seconds"])])
    rows.append(["import of tensorflow", "wall", figure_cell(figures["import seconds"])])
    return "## Start-up\n\n" + markdown_table(["", "clock", "seconds"], rows)


def install_section(parts: Parts) -> str:
    """What installations take on disk, and the files of an exported tagger."""
    if "install" not in parts:
        return ""
    sizes, figures = parts["install"]["sizes"], parts["install"]["figures"]
    installed = [
        [what, figure_cell(figures[f"{name} bytes"], divide=MEGA)]
        for name, what in ENVIRONMENTS.items()
    ]
    exported = [[form, figure_cell(figures[f"{form} bytes"], divide=MEGA)] for form in FORMS]
    return (
        "## Installations and exported taggers\n\n"
        "Size of the installed packages on disk, without pip and compiled files.\n\n"
        + markdown_table(["environment", "MB"], installed)
        + "\n\nThe tagger has the default sizes. It was trained on "
        + f"{size_text(sizes['sentences trained on'])} sentences.\n\n"
        + markdown_table(["exported as", "MB"], exported)
        + "\n\nSeconds from the start of the exported tagger's command to its first tag: "
        + f"{figure_cell(figures['exported first tag seconds'])}."
    )


def quality_section(parts: Parts) -> str:
    """Time to a macro-F1."""
    if "quality" not in parts:
        return ""
    sizes, figures = parts["quality"]["sizes"], parts["quality"]["figures"]
    return (
        f"## Time to macro-F1 {sizes['macro F1']:g}: {sizes['corpus']}, validation\n\n"
        f"{sizes['seeds that reached it']} of {sizes['seeds']} seeds reached it, after "
        f"{figure_cell(figures.get('seconds to F1'))} seconds and {figure_cell(figures.get('epochs to F1'))} "
        "epochs, including tracing and evaluation. Evaluation : training of an epoch: "
        f"{figure_cell(figures.get('evaluation share'))}."
    )


def parts_section(parts: Parts) -> str:
    """When each part ran, how long it took, and the load by other processes."""
    rows = [
        [name, part["date"], f"{part['seconds']:.0f}", f"{part['others']:.0%}"]
        for name, part in parts.items()
    ]
    text = "## How it was measured\n\n" + markdown_table(
        ["part", "date", "seconds", "cores used by other processes"], rows
    )
    noisy = [name for name, part in parts.items() if part["others"] > BUSY]
    if noisy:
        text += f"\n\nOther processes disturbed {', '.join(noisy)}: these figures are unreliable."
    notes = [
        f"{key}: {why}"
        for key, why in parts.get("peers", {}).get("sizes", {}).items()
        if "not run" in key or "not compared" in key
    ]
    return text + "".join(f"\n\n{note}" for note in notes)
