"""What the stakeholders claim, and which of mlflow's own revisions break it."""

from dataclasses import dataclass, field

from violations import nullable, retyped, without

# Alembic's own name for a revision. The claims are made when this one is the database's.
CLAIMED_AT = "84291f40a231"
# No longer than this: the column of the table that the dashboard copies parameters into.
PARAM_250 = {"name": "value", "type": "varchar(250)"}

CLAIMS = {
    # Names what it reads.
    "dashboard": {
        "experiments": {"path": "public.experiments", "fields": ["*"]},
        "runs": {"path": "public.runs", "fields": ["run_uuid", "name", "status", "start_time", "experiment_id"]},
        "metrics": {
            "path": "public.metrics",
            "fields": ["run_uuid", "key", {"name": "value", "type": "double precision"}, "step"],
        },
        "params": {"path": "public.params", "fields": ["run_uuid", "key", PARAM_250]},
        "model_versions": {"path": "public.model_versions", "fields": ["name", "version", "run_id", "current_stage"]},
    },
    # Says from the start what else would do for `tags`, and not for `model_version_tags`.
    "auditor": {
        "tags": {
            "path": "public.tags",
            "fields": [
                *["run_uuid", "key"],
                {"alternatives": [{"name": "value", "type": type} for type in ("varchar(5000)", "varchar(8000)")]},
            ],
        },
        "model_version_tags": {
            "path": "public.model_version_tags",
            "fields": ["name", "version", "key", {"name": "value", "type": "varchar"}],
        },
    },
    # Copies everything.
    "archive": {"everything": {"path": "public.*", "fields": ["*"]}},
}

# What the auditor claims besides, when there are tables for it: after this revision.
AUDITED_AT = "bf29a5ff90ea"
AUDITED = {
    "jobs": {"path": "public.jobs", "fields": ["id", "function_fullname", "status", "creation_time"]},
    "spans": {"path": "public.spans", "fields": ["*"]},
}


@dataclass
class Break:
    """A revision that breaks claims, the error's detail line by line, and what is claimed then, so that it passes.

    `archive` lets go of everything, and claims everything again afterwards. `at_once` is the detail when `mlflow db
    upgrade` runs this revision and all that follow in its one transaction: None, when it is the same.
    """

    revision: str
    violations: list
    claims: dict = field(default_factory=dict)
    at_once: list | None = None


BREAKS = [
    # A model need not come from a run any more.
    Break(
        "a8c4a736bde6",
        [nullable("archive", "model_versions", "run_id"), nullable("dashboard", "model_versions", "run_id")],
        {
            "dashboard": {
                "model_versions": {
                    "path": "public.model_versions",
                    "fields": ["name", "version", {"name": "run_id", "is_nullable": True}, "current_stage"],
                }
            }
        },
        at_once=[
            nullable("archive", "model_versions", "run_id"),
            retyped("auditor", "model_version_tags", "value", "character varying(5000)", "text"),
            nullable("dashboard", "model_versions", "run_id"),
            # What is there before COMMIT: two revisions make it longer.
            retyped("dashboard", "params", "value", "character varying(250)", "character varying(8000)"),
        ],
    ),
    # A value may be longer than what the dashboard has room for.
    Break(
        "cc1f77228345",
        [retyped("dashboard", "params", "value", "character varying(250)", "character varying(500)")],
        {
            "dashboard": {
                "params": {
                    "path": "public.params",
                    "fields": ["run_uuid", "key", {"name": "value", "type": "varchar", "min_length": 250}],
                }
            }
        },
        at_once=[
            retyped("auditor", "model_version_tags", "value", "character varying(5000)", "text"),
            retyped("dashboard", "params", "value", "character varying(250)", "character varying(8000)"),
        ],
    ),
    Break(
        "bda7b8c39065",
        [retyped("auditor", "model_version_tags", "value", "character varying(5000)", "text")],
        {
            "auditor": {
                "model_version_tags": {
                    "path": "public.model_version_tags",
                    "fields": [
                        *["name", "version", "key"],
                        {"alternatives": [{"name": "value", "type": type} for type in ("varchar", "text")]},
                    ],
                }
            }
        },
    ),
    # function_fullname becomes job_name.
    Break(
        "5d2d30f0abce",
        [
            without("archive", "jobs", "function_fullname", "character varying(500) NOT NULL"),
            without("auditor", "jobs", "function_fullname", "character varying(500) NOT NULL"),
        ],
        {
            "auditor": {
                "jobs": {
                    "path": "public.jobs",
                    "fields": ["id", {"alternatives": ["function_fullname", "job_name"]}, "status", "creation_time"],
                }
            }
        },
    ),
    # The model's name moves from a JSON document into a column of its own. The wildcard, and the auditor's `*`, took
    # the JSON in when c8d9e0f1a2b3 brought it.
    Break(
        "75868b020152",
        [
            without("archive", "spans", "dimension_attributes", "json"),
            without("auditor", "spans", "dimension_attributes", "json"),
        ],
        {
            "auditor": {
                "spans": {
                    "path": "public.spans",
                    "fields": [
                        *["trace_id", "span_id", "status", "start_time_unix_nano"],
                        {"alternatives": ["dimension_attributes", "model_name"]},
                    ],
                }
            }
        },
    ),
]
