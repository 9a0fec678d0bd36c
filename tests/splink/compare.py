"""The same files through Splink 5 (DuckDB): what a careful user of a good general tool gets.

    python3 -m venv V && V/bin/pip install -r tests/splink/requirements.txt
    V/bin/python tests/splink/compare.py HOSPITAL [--restricted] [--recall R]

HOSPITAL is a folder of `hygie demo generate`. Prints one JSON line: links after one-to-one assignment at a match
probability of 0.99999, wrong ones, recall, seconds from the files read to the links.

`--recall R`: with blocking that also meets names cut, misspelt, swapped or changed, links are made best first until so many
of those registered are found, or none is left: what the same recall costs in wrong links and in time. (The truth tells it
when to stop, which no user of it could.)
"""
import csv
import json
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

THRESHOLD = 0.99999


def key(text):
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(c for c in plain.upper() if c.isalnum())


def first(text):
    return key(text.replace("'", " ").replace("-", " ").strip().split(" ")[0]) if text.strip() else None


def date(text):
    parts = text.split("/")
    return f"{parts[2]}-{parts[1]}-{parts[0]}" if len(parts) == 3 and len(parts[2]) == 4 else None


def hospital_rows(folder):
    seen = {}
    with open(folder / "hr/hr-v1.csv", encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            family = key(row["NOM_USAGE"]) or key(row["NOM_NAISSANCE"])
            seen.setdefault(row["MATRICULE"], (
                row["MATRICULE"], family or None, key(row["NOM_NAISSANCE"]) or family or None, first(row["PRENOM"]),
                row["SEXE"] or None, date(row["DT_NAISSANCE"]), row["INSEE_NAISSANCE"] or None, row["RPPS"][-11:] or None,
                "990000002", row["FONCTION"] or None,
            ))
    return list(seen.values())


def register_rows(folder, restricted):
    stem = "Extraction_ProSanteConnect_Personne" if restricted else "PS_LibreAcces_Personne"
    path = sorted((folder / "register").glob(f"{stem}*.txt"))[0]
    seen = {}
    with open(path, encoding="utf-8") as file:
        head = {name: place for place, name in enumerate(file.readline().rstrip("\n").split("|"))}
        at = [head.get(name) for name in (
            "Identification nationale PP", "Nom d'exercice", "Nom de famille", "Prénom d'exercice", "Code civilité",
            "Date de naissance", "Code commune de naissance", "Numéro FINESS établissement juridique")]
        for line in file:
            fields = line.rstrip("\n").split("|")
            number, family, birth_name, given, title, born, place, entity = (
                fields[place] if place is not None else "" for place in at)
            known = seen.get(number)
            if known is None:
                seen[number] = [number, key(family) or None, key(birth_name) or key(family) or None, first(given),
                                {"MME": "F", "M": "M"}.get(title), date(born), place or None, number[1:], entity or None, None]
            elif entity == "990000002":
                known[8] = entity
    return list(seen.values())


COLUMNS = "unique_id, family, birth_family, given, sex, born, birth_place, rpps, entity, trade"


def table(connection, name, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8", delete=False) as file:
        csv.writer(file).writerows([COLUMNS.split(", ")] + [list(row) for row in rows])
    path = file.name
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', header=true, all_varchar=true)")
    Path(path).unlink()


def main():
    folder, restricted = Path(sys.argv[1]), "--restricted" in sys.argv
    wanted = float(sys.argv[sys.argv.index("--recall") + 1]) if "--recall" in sys.argv else None
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    table(connection, "hospital", hospital_rows(folder))
    table(connection, "register", register_rows(folder, restricted))
    begun = time.monotonic()
    comparisons = [
        cl.JaroWinklerAtThresholds("family", [0.92]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("given", [0.92]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("sex"), cl.ExactMatch("entity"), cl.ExactMatch("rpps"),
    ]
    if restricted:
        comparisons += [cl.LevenshteinAtThresholds("born", [1]), cl.ExactMatch("birth_place"),
                        cl.JaroWinklerAtThresholds("birth_family", [0.92])]
    rules = [block_on("family", "given"), block_on("birth_family", "given"), block_on("rpps")]
    if restricted:
        rules.append(block_on("born", "given"))
    if wanted:
        rules += [
            CustomRule("l.family = r.given AND l.given = r.family"),
            block_on("substr(family, 1, 4)", "given"), block_on("substr(family, 1, 8)", "substr(given, 1, 1)"),
            block_on("family", "substr(given, 1, 3)"), block_on("given", "entity"), block_on("family", "entity"),
        ]
        if restricted:
            rules += [block_on("born", "family"), block_on("born", "birth_place")]
    settings = SettingsCreator(link_type="link_only", comparisons=comparisons,
                               blocking_rules_to_generate_predictions=rules)
    api = DuckDBAPI(connection)
    frames = [api.register(name) if hasattr(api, "register") else name for name in ("hospital", "register")]
    linker = Linker(frames, settings) if hasattr(api, "register") else Linker(frames, settings, api)
    linker.training.estimate_probability_two_random_records_match([block_on("rpps")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("family", "given"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("rpps"))
    pairs = linker.inference.predict(threshold_match_probability=None if wanted else THRESHOLD)
    found = connection.sql(
        f"SELECT unique_id_l, unique_id_r, match_weight FROM {pairs.physical_name} ORDER BY match_weight DESC").fetchall()
    with open(folder / "truth/truth.csv", encoding="utf-8") as file:
        truth = dict(line.strip().split(";") for line in file.readlines()[1:])
    registered = sum(1 for number in truth.values() if number)
    links, taken, right_ones = {}, set(), 0
    for left, right, _ in found:
        if wanted and right_ones >= wanted * registered:
            break
        agent, number = (left, right) if left in truth else (right, left)
        if agent not in links and number not in taken:
            links[agent] = number
            taken.add(number)
            right_ones += truth.get(agent) == number
    wrong = [agent for agent, number in links.items() if truth.get(agent, "") != number]
    print(json.dumps({
        "linked": len(links), "wrong": len(wrong), "absent_wrongly_linked": sum(1 for agent in wrong if not truth.get(agent)),
        "precision": 1 - len(wrong) / max(1, len(links)), "recall": (len(links) - len(wrong)) / registered,
        "seconds": round(time.monotonic() - begun, 2)}))


if __name__ == "__main__":
    main()
