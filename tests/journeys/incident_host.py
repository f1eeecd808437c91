"""The operator's side of the journey `incident`: the portal is stopped, and the host keeps diary and deadlines. sha256sum follows the chain."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import addresses, answers, command
from tests.journeys.tale import Tale

WORDS = "The district's own count."


def kept_by_the_operator(installation: Installation, slug: str, tale: Tale) -> None:
    folder = installation.folder
    reached = [address for address in addresses(installation) if answers(address)]
    tale.line("every process of the portal is stopped", reached or "no address answers", not reached)
    discovered = datetime.now().astimezone() - timedelta(hours=3)
    words = ("--title", "Stolen password", "--discovered", discovered.isoformat(), "--district", slug, "--words", "x")
    made = command("incident", "declare", *words, folder=folder)
    command("incident", "count", str(made["incident"]), "620", "--district", slug, "--words", WORDS, folder=folder)
    command("incident", "done", str(made["incident"]), "leads met", "--words", "By phone.", folder=folder)
    shown = command("incident", "show", str(made["incident"]), folder=folder)
    states = {each["clock"]: each["state"] for each in shown["clocks"]}
    told = f"leads met: {states['leads met']}; website notice: {states['website notice']}"
    tale.line("the operator declares it on the host, and the deadlines run", told, told == "leads met: done; website notice: running")
    file = folder / "incidents" / "diary.jsonl"
    lines = file.read_text().splitlines()
    sums = [subprocess.run(["sha256sum"], input=line, capture_output=True, text=True, check=True).stdout.split()[0] for line in lines]
    holds = [json.loads(line)["before"] for line in lines[1:]] == sums[:-1] and shown["head"] == f"{len(lines)}:{sums[-1]}"
    tale.line("sha256sum gives the hash of each line, and the next line has it", sums[-1], holds)
    file.write_text(file.read_text().replace("620", "62"))
    ended = subprocess.run([sys.executable, "-m", "homeroom.ops", "incident", "verify", "--folder", str(folder)], capture_output=True, text=True)
    tale.line("someone changes a count in the file, and the operator's command finds it", ended.stdout.split("\n")[0], ended.returncode == 3)
