# The work is done by the scripts in tools/, which can be run by hand as well.
# PG_CONFIG names the PostgreSQL to build for (15 to 18); tools/lib.sh has the default.
SHELL := /bin/bash
.DELETE_ON_ERROR:
# The scripts call cargo, which brings its own parallelism, and share target/.
.NOTPARALLEL:
.PHONY: all setup install preview private test test-long installcheck lint format bench demo psql stop clean help

ifdef PG_CONFIG
export PG_CONFIG
endif
ifdef DESTDIR
export DESTDIR
endif

all: setup ## Build the extension into target/package (the default)
	tools/build

setup: ## Install what is missing: Debian packages, cargo-pgrx
	@tools/setup

install: all ## Install into PG_CONFIG's directories (below DESTDIR), with sudo when they are not writable
	tools/install

preview: ## Build the command integratedb-preview into target/release
	cargo build --release -p integratedb-preview

private: all ## Install into the private tree below target/
	tools/install-private

test: setup ## Run all tests on a fresh private cluster (PARTS="engine regress" for some of them)
	tools/test $(PARTS)

test-long: setup ## Random DDL, scripts, kills and malformed texts, for half an hour and more
	PROPERTY_SEED="1 2 3 random" PROPERTY_STATEMENTS=5000 FAULT_SEED="1 random" FAULT_ROUNDS=100 FAULT_TEXTS=5000 FAULT_CALLS=5000 \
	    AGREEMENT_SEED="1 2 3 random" AGREEMENT_STATEMENTS=2500 tools/test agreement fault property

installcheck: setup ## Run the suites against the server given by PGHOST, PGPORT, PGUSER, after make install
	pg_test/run-regress
	pg_test/run-isolation

lint: ## Check formatting, clippy and shellcheck
	@tools/setup lint
	tools/lint

format: ## Format the Rust code
	cargo fmt --all

bench: private ## Run bench/run on a private cluster with fsync on
	tools/bench

demo: private ## Show on a private cluster what the extension does; the cluster is left running
	@tools/demo

psql: ## Open psql on the demo's cluster, as its superuser
	@CLUSTER_DATABASE=demo tools/cluster psql demo

stop: ## Stop all private clusters of this checkout
	@tools/cluster stop-all

clean: ## Stop and remove the private clusters, and remove everything built
	@tools/clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
