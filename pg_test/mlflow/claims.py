"""What the stakeholders claim, and which of mlflow's own revisions break it."""

from dataclasses import dataclass, field

from violations import nullable, retyped, unindexed, unkeyed, unreferenced, without

# Alembic's own name for a revision. The claims are made when this one is the database's.
CLAIMED_AT = "84291f40a231"
# No longer than this: the column of the table that the dashboard copies parameters into.
PARAM_250 = {"name": "value", "type": "varchar(250)"}



def references(column, relation, to):
    return {"fields": [column], "path": f"public.{relation}", "to": [to]}


# What other names of an experiment and of a model mean to the registry: nothing else has this name.
EXPERIMENTS = {
    "path": "public.experiments",
    "fields": [{"name": "experiment_id", "insert": False}, "name", "lifecycle_stage"],
    "privileges": ["select", "insert"],
}
MODELS = {"path": "public.registered_models", "fields": ["name"]}
VERSIONS = {"path": "public.model_versions", "fields": ["name", "version"]}
MAPPINGS = {
    "path": "public.endpoint_model_mappings",
    "fields": ["endpoint_id", "model_definition_id"],
    "pending": True,
}
JOBS = {"path": "public.jobs", "fields": ["job_name", "status"], "pending": True}

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
    # Relies on keys, foreign keys and indexes, and waits for tables that are to come. It makes experiments of its own.
    "registry": {
        "experiments": {**EXPERIMENTS, "keys": [["experiment_id"], ["name"]]},
        "registered_models": {**MODELS, "keys": [["name"]]},
        "model_versions": {
            **VERSIONS,
            "keys": [["version", "name"]],
            "references": [references("name", "registered_models", "name")],
        },
        "datasets": {
            "path": "public.datasets",
            "fields": ["experiment_id", "name"],
            "references": [references("experiment_id", "experiments", "experiment_id")],
            "pending": True,
        },
        "trace_info": {
            "path": "public.trace_info",
            "fields": ["request_id", "experiment_id"],
            "keys": [["request_id"]],
            "references": [references("experiment_id", "experiments", "experiment_id")],
            "pending": True,
        },
        "trace_tags": {
            "path": "public.trace_tags",
            "fields": ["request_id", "key"],
            "references": [references("request_id", "trace_info", "request_id")],
            "pending": True,
        },
        "spans": {
            "path": "public.spans",
            "fields": ["experiment_id", "trace_id"],
            "indexed": [["experiment_id"]],
            "pending": True,
        },
        "endpoint_model_mappings": {**MAPPINGS, "keys": [["endpoint_id", "model_definition_id"]]},
        "jobs": {**JOBS, "indexed": [["job_name", "status"]]},
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
    upgrade` runs this revision and all that follow in its one transaction: None, when it is the same. `afterwards` is
    claimed when it has passed.
    """

    revision: str
    violations: list
    claims: dict = field(default_factory=dict)
    at_once: list | None = None
    afterwards: dict = field(default_factory=dict)


# What 1b5f0d9ad7c1 takes: from then on a name is unique in a workspace only.
NO_KEYS = [
    unkeyed("registry", "experiments", "name"),
    unkeyed("registry", "registered_models", "name"),
    unkeyed("registry", "model_versions", "version, name"),
    unreferenced("registry", "model_versions", "name", "registered_models", to="name"),
]
NO_MAPPING = unkeyed(
    *["registry", "endpoint_model_mappings", "endpoint_id, model_definition_id"],
    "DROP INDEX public.unique_endpoint_model_mapping",
)
NO_JOB_INDEX = unindexed(
    *["registry", "jobs", "job_name, status"], "DROP INDEX public.index_jobs_name_status_creation_time"
)
NO_VALUE = retyped("auditor", "model_version_tags", "value", "character varying(5000)", "text")
NO_FUNCTION = [
    without("archive", "jobs", "function_fullname", "character varying(500) NOT NULL"),
    without("auditor", "jobs", "function_fullname", "character varying(500) NOT NULL"),
]
NO_DIMENSIONS = [
    without("archive", "spans", "dimension_attributes", "json"),
    without("auditor", "spans", "dimension_attributes", "json"),
]

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
            NO_VALUE,
            *NO_KEYS,
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
            NO_VALUE,
            *NO_KEYS,
            retyped("dashboard", "params", "value", "character varying(250)", "character varying(8000)"),
        ],
    ),
    Break(
        "bda7b8c39065",
        [NO_VALUE],
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
        at_once=[NO_VALUE, *NO_KEYS],
    ),
    # function_fullname becomes job_name.
    Break(
        "5d2d30f0abce",
        NO_FUNCTION,
        {
            "auditor": {
                "jobs": {
                    "path": "public.jobs",
                    "fields": ["id", {"alternatives": ["function_fullname", "job_name"]}, "status", "creation_time"],
                }
            }
        },
        at_once=[*NO_FUNCTION, *NO_KEYS, NO_MAPPING],
    ),
    # An endpoint may have a model twice, in two ways.
    Break(
        "c9d4e5f6a7b8",
        [NO_MAPPING],
        {"registry": {"endpoint_model_mappings": MAPPINGS}},
        at_once=[NO_MAPPING, *NO_KEYS, NO_JOB_INDEX],
    ),
    # A workspace comes before the name: in keys, in foreign keys, and in an index.
    Break(
        "1b5f0d9ad7c1",
        [*NO_KEYS, NO_JOB_INDEX],
        {
            "registry": {
                "experiments": {**EXPERIMENTS, "keys": [["experiment_id"]]},
                "registered_models": MODELS,
                "model_versions": VERSIONS,
                "jobs": {**JOBS, "indexed": [["job_name"]]},
            }
        },
        at_once=[*NO_KEYS, NO_JOB_INDEX, *NO_DIMENSIONS],
        afterwards={
            "registry": {
                "registered_models": {
                    "path": "public.registered_models",
                    "fields": ["workspace", "name"],
                    "keys": [["workspace", "name"]],
                },
                "model_versions": {
                    "path": "public.model_versions",
                    "fields": ["workspace", "name", "version"],
                    "keys": [["workspace", "name", "version"]],
                    "references": [
                        {
                            "fields": ["workspace", "name"],
                            "path": "public.registered_models",
                            "to": ["workspace", "name"],
                        }
                    ],
                },
            }
        },
    ),
    # The model's name moves from a JSON document into a column of its own. The wildcard, and the auditor's `*`, took
    # the JSON in when c8d9e0f1a2b3 brought it.
    Break(
        "75868b020152",
        NO_DIMENSIONS,
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
