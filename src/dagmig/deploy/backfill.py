"""The script of a bundle that starts an execution for each run that was missed."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from dagmig.deploy.monthly import Monthly
from dagmig.deploy.schedule import Clock
from dagmig.graph.cron import Cron

SCRIPT = '''"""Start one execution of {name} for each run that was due, each under a name of its own.

An execution that this script started before is not started again: Step Functions keeps its name for 90 days
after it ended.

    python backfill.py ARN                     from {first} until now
    python backfill.py ARN --from 2024-01-01 --until 2024-02-01
    python backfill.py ARN --last              only the last run that was due
    python backfill.py ARN --dry-run           say what would be started
"""

import argparse
import json
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

NAME = {name!r}
FIRST, LAST = {first!r}, {last!r}
{clock}

def parse(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


{due}

def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\\n")[0])
    parser.add_argument("arn", help="the state machine's ARN")
    parser.add_argument("--from", dest="first", default=FIRST, help="the first moment, in ISO 8601")
    parser.add_argument("--until", help="the last moment, in ISO 8601; now where it is left out")
    parser.add_argument("--last", action="store_true", help="only the last run")
    parser.add_argument("--at-once", type=int, default={at_once}, help="how many run at the same time")
    parser.add_argument("--dry-run", action="store_true", help="start nothing")
    given = parser.parse_args()
    until = parse(given.until) if given.until else datetime.now(timezone.utc)
    if LAST is not None:
        until = min(until, parse(LAST))
    moments = list(due(parse(given.first), until))
    client, running = None, []
    for moment in moments[-1:] if given.last else moments:
        shown = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        name = f"{{NAME[:50]}}-{{moment:%Y%m%dT%H%M%SZ}}"
        print(name)
        if given.dry_run:
            continue
        if client is None:
            import boto3

            client = boto3.client("stepfunctions")
        running = wait(client, running, given.at_once)
        try:
            started = client.start_execution(
                stateMachineArn=given.arn, name=name, input=json.dumps({{"scheduled_time": shown}})
            )
            running.append(started["executionArn"])
        except client.exceptions.ExecutionAlreadyExists:
            print("  was started before")


def wait(client, running, at_once):
    """Wait until fewer than ``at_once`` of the executions run, and return those."""
    while True:
        running = [
            one for one in running if client.describe_execution(executionArn=one)["status"] == "RUNNING"
        ]
        if len(running) < at_once:
            return running
        time.sleep(10)


if __name__ == "__main__":
    main()
'''
BY_CRON = '''def due(first, until):
    """The moments of the schedule, in UTC."""
    day = first.astimezone(ZONE).date()
    while datetime(day.year, day.month, day.day, tzinfo=ZONE) <= until:
        for hour in HOURS if fires_on(day) else ():
            for minute in MINUTES:
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
                moment = local.astimezone(timezone.utc)
                is_shown = moment.astimezone(ZONE).replace(tzinfo=None) == local.replace(tzinfo=None)
                if is_shown and first <= moment <= until:
                    yield moment
        day += timedelta(days=1)

'''
BY_DAY = '''
def fires_on(day):
    """Whether the schedule fires on a day: of the month or of the week, where it names both."""
    if MONTHS is not None and day.month not in MONTHS:
        return False
    found = [day.day in DAYS] if DAYS is not None else []
    found += [day.isoweekday() % 7 in WEEKDAYS] if WEEKDAYS is not None else []
    return any(found) or not found

'''
BY_MONTH = '''
def fires_on(day):
    """Whether the schedule fires on a day: the last of the month, or a weekday of a week of it."""
    if MONTHS is not None and day.month not in MONTHS:
        return False
    if not WEEKDAYS:
        return (day + timedelta(days=1)).day == 1
    weekday = day.isoweekday() % 7
    is_last = (day + timedelta(days=7)).month != day.month
    return (weekday, (day.day + 6) // 7) in WEEKDAYS or (is_last and (weekday, 0) in WEEKDAYS)

'''
BY_PERIOD = '''def due(first, until):
    """The moments of the schedule, in UTC."""
    moment = parse(FIRST)
    moment += max(0, -((moment - first) // PERIOD)) * PERIOD
    while moment <= until:
        yield moment
        moment += PERIOD

'''


SEVERAL = '''def due(first, until):
    """The moments of all crons, each once, in UTC."""
    yield from sorted({{{moments}}})

'''
_OWN = re.compile(r"\b(MINUTES|HOURS|MONTHS|DAYS|WEEKDAYS|due(?=\()|fires_on(?=\())")


def script(name: str, clock: Clock, start: datetime, last: datetime | None, at_once: int) -> str:
    """The text of the script; ``start`` and ``last`` (aware) are when the first and last run are due."""
    if not clock.crons:
        seconds = clock.period.total_seconds() if clock.period is not None else 0
        about, due = f"PERIOD = timedelta(seconds={seconds})\n", BY_PERIOD
    else:
        about, due = f"ZONE = {_zone(clock.zone)}\n", ""
        for number, cron in enumerate(clock.crons, 1):
            suffix = f"_{number}" if len(clock.crons) > 1 else ""
            constants, code = (_OWN.sub(rf"\g<0>{suffix}", text) for text in _by_cron(cron))
            about, due = about + constants, f"{due}\n{code}" if due else code
        if len(clock.crons) > 1:
            each = ", ".join(f"*due_{number}(first, until)" for number in range(1, len(clock.crons) + 1))
            due += "\n" + SEVERAL.format(moments=each)
    until = last.isoformat() if last is not None else None
    return SCRIPT.format(
        name=name, first=start.isoformat(), last=until, clock=about, due=due, at_once=at_once
    )


def _by_cron(cron: Cron | Monthly) -> tuple[str, str]:
    """What a cron says, and the functions that ask it."""
    about = f"MINUTES, HOURS, MONTHS = {cron.minutes}, {cron.hours}, {cron.months}\n"
    if isinstance(cron, Monthly):
        about += f"WEEKDAYS = {cron.weekdays}  # Sunday is 0, and which of the month, 0 for the last\n"
        return about, BY_CRON + BY_MONTH
    return f"{about}DAYS, WEEKDAYS = {cron.days}, {cron.weekdays}  # Sunday is 0\n", BY_CRON + BY_DAY


def _zone(zone: tzinfo) -> str:
    if isinstance(zone, ZoneInfo):
        return f"ZoneInfo({zone.key!r})"
    offset = zone.utcoffset(datetime(2024, 1, 1))
    seconds = offset.total_seconds() if offset is not None else 0
    return f"timezone(timedelta(seconds={seconds}))" if seconds else "timezone.utc"
